// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import io.fiso.broker.stream.NewRecord;
import io.fiso.broker.stream.Streams;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** One stream, without a network before it. */
record BareStream(Store store, Streams streams) implements AutoCloseable {
    static final ResourceName NAME = ResourceName.parse(LoopbackBroker.STREAM);
    static final int PAYLOAD_BYTES = 200;
    static final ByteString PAYLOAD = ByteString.copyFrom(new byte[PAYLOAD_BYTES]);
    static final int FILL_TOGETHER = 1_000;

    static BareStream open(Path directory, Settings.Retention retention) {
        InstantSource clock = InstantSource.system();
        Store store = Store.open(directory);
        Catalogue catalogue = new Catalogue(store, clock);
        catalogue.create(NAME, Durability.FSYNC, new Settings.Stream(1, retention));
        return new BareStream(store, new Streams(store, catalogue, clock));
    }

    static List<NewRecord> batch(int records) {
        return Collections.nCopies(records, NewRecord.of(PAYLOAD));
    }

    void append(List<NewRecord> records) {
        streams.append(NAME, OptionalInt.of(0), records);
    }

    void fill(int records) {
        for (int done = 0; done < records; done += FILL_TOGETHER) {
            append(batch(Math.min(FILL_TOGETHER, records - done)));
        }
    }

    @Override
    public void close() {
        streams.close();
        store.close();
    }
}
