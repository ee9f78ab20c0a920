// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.stream.NewRecord;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.StreamsGrpc.StreamsBlockingStub;
import java.util.List;

/** Durable appends, one by one and in batches, beside puts to the store below, Xodus bare and a plain file. They take turns. */
record AppendFigures(Scale scale, Figures figures) {
    private static final List<Integer> CALLERS = List.of(1, 16, 64);
    private static final int BATCH = 100;
    /** Bytes of a record as it is kept, about: the peers write the same. */
    private static final int PUT_BYTES = BareStream.PAYLOAD_BYTES;

    void measure() throws Exception {
        for (int callers : CALLERS) {
            for (int round = -1; round < scale.rounds(); round++) {
                Figures into = round < 0 ? new Figures() : figures;
                for (DurablePuts.Kind kind : DurablePuts.Kind.values()) {
                    into.add(
                            callers + " callers, one by one: puts, " + name(kind),
                            StoreBenchmark.measure(kind, scale.root(), callers, scale.time(), PUT_BYTES),
                            "records/s");
                }
                into.add(callers + " callers, one by one: stream, Java", bare(callers, 1), "records/s");
                into.add(callers + " callers, one by one: stream, gRPC", served(callers, 1), "records/s");
                into.add(
                        callers + " callers, batches of 100: puts of 100 records in one value, "
                                + name(DurablePuts.Kind.FILE),
                        BATCH
                                * StoreBenchmark.measure(
                                        DurablePuts.Kind.FILE, scale.root(), callers, scale.time(), PUT_BYTES * BATCH),
                        "records/s");
                into.add(callers + " callers, batches of 100: stream, Java", bare(callers, BATCH), "records/s");
                into.add(callers + " callers, batches of 100: stream, gRPC", served(callers, BATCH), "records/s");
            }
        }
        figures.print("durable appends of 200 B");
    }

    private static String name(DurablePuts.Kind kind) {
        return switch (kind) {
            case FISO -> "broker's store";
            case XODUS -> "bare Xodus";
            case FILE -> "plain file";
        };
    }

    private double bare(int callers, int batch) throws Exception {
        List<NewRecord> records = BareStream.batch(batch);
        try (Scratch scratch = Scratch.in(scale.root());
                BareStream stream = BareStream.open(scratch.directory(), Settings.Retention.FOREVER)) {
            return Callers.rate(callers, scale.time(), _ -> () -> {
                stream.append(records);
                return batch;
            });
        }
    }

    private double served(int callers, int batch) throws Exception {
        AppendRequest.Builder request =
                AppendRequest.newBuilder().setStream(LoopbackBroker.STREAM).setPartition(0);
        for (int i = 0; i < batch; i++) {
            request.addRecordsBuilder().setPayload(BareStream.PAYLOAD);
        }
        AppendRequest append = request.build();
        try (Scratch scratch = Scratch.in(scale.root());
                LoopbackBroker broker = LoopbackBroker.open(scratch.directory()).withResources()) {
            StreamsBlockingStub streams = broker.connection().streams();
            return Callers.rate(callers, scale.time(), _ -> () -> {
                streams.append(append);
                return batch;
            });
        }
    }
}
