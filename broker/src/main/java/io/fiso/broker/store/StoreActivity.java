// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** What a store has done since it was opened. Thread-safe. */
public final class StoreActivity {
    private final LongAdder commits = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private volatile LongConsumer syncs = _ -> {};

    /** Transactions that were committed. */
    public long commits() {
        return commits.sum();
    }

    /** Writes that were committed, many together in one transaction. */
    public long writes() {
        return writes.sum();
    }

    /** Hears from now on how many nanoseconds each sync of the disk took that passed. Must be brief. */
    public void onSync(LongConsumer nanos) {
        syncs = nanos;
    }

    void committed(int together) {
        commits.increment();
        writes.add(together);
    }

    void synced(long nanos) {
        syncs.accept(nanos);
    }
}
