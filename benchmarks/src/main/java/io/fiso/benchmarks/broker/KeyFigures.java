// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.proto.broker.v1.GetKeyRequest;
import io.fiso.proto.broker.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.fiso.proto.broker.v1.PutKeyRequest;
import java.util.List;

/** Gets and durable puts of keys. */
record KeyFigures(Scale scale, Figures figures) {
    private static final List<Integer> CALLERS = List.of(1, 16);
    private static final int KEYS = 10_000;

    void measure() throws Exception {
        try (Scratch scratch = Scratch.in(scale.root());
                LoopbackBroker broker = LoopbackBroker.open(scratch.directory()).withResources()) {
            KeyValueBlockingStub keys = broker.connection().keyValues();
            Callers.rate(16, scale.time(), caller -> {
                int[] next = {caller};
                return () -> {
                    put(keys, next[0]);
                    next[0] += 16;
                    return next[0] < KEYS ? 1 : 0;
                };
            });
            put(keys, 0);
            for (int round = -1; round < scale.rounds(); round++) {
                Figures into = round < 0 ? new Figures() : figures;
                for (int callers : CALLERS) {
                    into.add(
                            callers + " callers, get of 200 B",
                            Callers.rate(callers, scale.time(), _ -> () -> {
                                keys.getKey(GetKeyRequest.newBuilder()
                                        .setStore(LoopbackBroker.STORE)
                                        .setKey("key-0")
                                        .build());
                                return 1;
                            }),
                            "gets/s");
                    into.add(
                            callers + " callers, durable put of 200 B",
                            Callers.rate(callers, scale.time(), caller -> {
                                int[] next = {caller};
                                return () -> {
                                    put(keys, next[0] = (next[0] + callers) % KEYS);
                                    return 1;
                                };
                            }),
                            "puts/s");
                }
            }
        }
        figures.print("key-value store of up to " + KEYS + " keys, over gRPC");
    }

    private static void put(KeyValueBlockingStub keys, int key) {
        keys.putKey(PutKeyRequest.newBuilder()
                .setStore(LoopbackBroker.STORE)
                .setKey("key-" + key)
                .setValue(BareStream.PAYLOAD)
                .build());
    }
}
