// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Progress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The last picture of how far a component has come: taken on the core thread, looked at on any. */
final class ProgressPicture {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final long WAIT_MILLIS = 250;

    private final CoreThread thread;
    private final Part part;
    private final Supplier<@Nullable DeliveryCore> core;
    private final Drain drain;
    private volatile @Nullable Progress latest;
    private volatile long takenNanos;

    /** @param core asked on the core thread alone */
    ProgressPicture(CoreThread thread, Part part, Supplier<@Nullable DeliveryCore> core, Drain drain) {
        this.thread = thread;
        this.part = part;
        this.core = core;
        this.drain = drain;
    }

    @Nullable
    Progress latest() {
        return latest;
    }

    /** Takes one if the last is old; on the core thread. */
    void takeIfOld(DeliveryCore present, long nowNanos) {
        if (nowNanos - takenNanos > INTERVAL_NANOS) {
            take(present, nowNanos);
        }
    }

    private void take(DeliveryCore present, long nowNanos) {
        latest = present.progress();
        // After the picture: who reads them the other way round never takes an old one for new.
        takenNanos = nowNanos;
        drain.look();
    }

    /** Has one taken now; false if the core thread did not come to it, since the component's own code holds it up. */
    boolean refresh() throws InterruptedException {
        CountDownLatch looked = new CountDownLatch(1);
        thread.post(() -> {
            DeliveryCore present = core.get();
            if (present != null) {
                take(present, System.nanoTime());
            }
            looked.countDown();
        });
        return looked.await(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A picture as the wire has it. */
    record Told(io.fiso.proto.stream.v1.Progress progress, long ageMillis) {}

    /** The latest; empty if there is none yet. */
    Optional<Told> told() {
        long taken = takenNanos;
        Progress picture = latest;
        return picture == null
                ? Optional.empty()
                : Optional.of(new Told(
                        ProgressMessages.of(picture, part), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - taken)));
    }
}
