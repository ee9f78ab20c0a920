// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pipelines whose components ask for a broker: a process of its own that each run finds or starts, and that none of them takes with it. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class BrokerInPipelinesIT {
    private static final String SINK = """
            import com.google.protobuf.ByteString;
            import io.cloudevents.CloudEvent;
            import io.fiso.broker.client.*;
            import io.fiso.proto.broker.v1.*;
            import io.fiso.sdk.*;
            import io.fiso.sdk.event.JsonFormat;
            import java.util.concurrent.TimeUnit;

            class ToStream implements EventSink {
                private static final String STREAM = ResourceNames.STREAM.whole("orders");
                private ComponentContext context;
                private volatile BrokerConnection broker;

                public static void main(String... args) {
                    FisoComponent.run(new ToStream(), args);
                }

                public void open(ComponentContext context) throws Exception {
                    this.context = context;
                    connect(null);
                    broker.call(() -> broker.resources()
                            .createResource(CreateResourceRequest.newBuilder()
                                    .setResource(Resource.newBuilder().setName(STREAM))
                                    .build()));
                }

                private synchronized void connect(BrokerConnection failed) throws Exception {
                    if (broker == failed) {
                        if (failed != null) {
                            failed.close();
                        }
                        broker = BrokerConnection.to(context.broker());
                    }
                }

                public void deliver(CloudEvent event) throws Exception {
                    AppendRequest request = AppendRequest.newBuilder()
                            .setStream(STREAM)
                            .addRecords(NewRecord.newBuilder().setPayload(ByteString.copyFrom(JsonFormat.encode(event))))
                            .build();
                    while (true) {
                        BrokerConnection used = broker;
                        try {
                            used.call(() -> used.streams().withDeadlineAfter(5, TimeUnit.SECONDS).append(request));
                            return;
                        } catch (BrokerFailure e) {
                            if (!e.isTransient()) {
                                throw e;
                            }
                            Thread.sleep(100);
                            connect(used);
                        }
                    }
                }
            }
            """;

    private static final String SOURCE = """
            import io.fiso.broker.client.*;
            import io.fiso.proto.broker.v1.*;
            import io.fiso.sdk.*;
            import io.fiso.sdk.event.JsonFormat;
            import java.time.Duration;
            import java.util.concurrent.TimeUnit;

            class FromStream implements EventSource {
                private static final String STREAM = ResourceNames.STREAM.whole("orders");

                public static void main(String... args) {
                    FisoComponent.run(new FromStream(), args);
                }

                public void run(SourceContext context) throws Exception {
                    BrokerConnection broker = BrokerConnection.to(context.broker());
                    long next = context.checkpoint().position("0", 0);
                    while (!context.stopping()) {
                        try {
                            BrokerConnection used = broker;
                            long from = next;
                            ReadResponse read = used.call(() -> used.streams()
                                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                                    .read(ReadRequest.newBuilder().setStream(STREAM).setOffset(from).build()));
                            context.holding("");
                            for (StreamRecord record : read.getRecordsList()) {
                                context.emit(SourceEvent.of(
                                        JsonFormat.decode(record.getPayload().toByteArray()), "0", record.getOffset(), new byte[0], null));
                            }
                            next = read.getNextOffset();
                            if (read.getRecordsCount() == 0) {
                                context.await(Duration.ofMillis(20));
                            }
                        } catch (BrokerFailure e) {
                            context.holding(e.getMessage());
                            context.await(Duration.ofMillis(100));
                            broker.close();
                            broker = BrokerConnection.to(context.broker());
                        }
                    }
                    broker.close();
                }
            }
            """;

    @Test
    void aRunThatAsksForABrokerGetsOneAndItsDeathUnderLoadLosesNothing(Sandbox sandbox) throws Exception {
        int count = 3_000;
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess in = sandbox.run(in(sandbox, "{count: " + count + ", rate: 300}"));
            FisoctlProcess out = sandbox.run(out(sandbox, stub), "-o", "json");
            BackgroundBroker first = sandbox.broker(0);
            Eventually.until(Sandbox.PATIENCE, () -> arrived(stub) > 300, () -> "load" + in + out + sandbox.logs());
            assertThat(in.err()).contains("Broker at 127.0.0.1:" + first.port() + ", data in " + sandbox.stateHome());
            assertThat(out.out()).contains("\"event\":\"broker\"").contains("\"pid\":" + first.pid());
            assertThat(sandbox.succeed("status").out())
                    .contains("Broker at 127.0.0.1:" + first.port() + ", process " + first.pid());

            first.kill();
            assertThat(arrived(stub)).as("killed in the middle").isLessThan(count);

            BackgroundBroker second = sandbox.broker(first.pid());
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> arrived(stub) == count,
                    () -> count + " events; there are " + arrived(stub) + in + out + sandbox.logs());
            in.expectExit(0, Sandbox.PATIENCE);
            sandbox.audit("in").expect(AuditReport.Sum.delivered(count));
            assertThat(in.err()).contains("Broker at 127.0.0.1:" + second.port());
            assertThat(second.isAlive())
                    .as("whoever needed it, others do still")
                    .isTrue();
            assertThat(components(sandbox)).as("no component was restarted").hasSize(2);
            out.controlC();
            out.expectExit(0, Sandbox.PATIENCE);
            sandbox.expectNoChild();
            assertThat(second.isAlive()).as("for whoever comes next").isTrue();
        }
    }

    @Test
    void theBrokerAndTheComponentsOutliveTheirControlPlanes(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            PipelineFile in = in(sandbox, "{rate: 100}");
            PipelineFile out = out(sandbox, stub);
            FisoctlProcess firstIn = sandbox.run(in);
            FisoctlProcess firstOut = sandbox.run(out);
            Eventually.until(
                    Sandbox.PATIENCE, () -> arrived(stub) > 100, () -> "load" + firstIn + firstOut + sandbox.logs());
            BackgroundBroker broker = sandbox.broker(0);
            Set<Long> components = components(sandbox);

            for (FisoctlProcess controlPlane : new FisoctlProcess[] {firstIn, firstOut}) {
                controlPlane.signal("KILL");
                controlPlane.awaitExit(Sandbox.PATIENCE);
            }
            awaitMore(stub, sandbox);
            assertThat(broker.isAlive()).isTrue();
            assertThat(components(sandbox)).isEqualTo(components);

            FisoctlProcess secondIn = sandbox.run(in);
            FisoctlProcess secondOut = sandbox.run(out);
            sandbox.awaitState("in", "RUNNING");
            sandbox.awaitState("out", "RUNNING");
            assertThat(sandbox.broker(0)).isEqualTo(broker);

            // Those that took over are asked for a broker as well.
            broker.kill();
            BackgroundBroker successor = sandbox.broker(broker.pid());
            awaitMore(stub, sandbox);
            assertThat(components(sandbox)).as("the same processes").isEqualTo(components);

            // A drain needs the broker, so Ctrl-C is not for it.
            secondIn.controlC();
            secondIn.expectExit(0, Sandbox.PATIENCE);
            assertThat(successor.isAlive()).isTrue();
            long delivered = sandbox.report("in").orElseThrow().delivered();
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> arrived(stub) == delivered,
                    () -> delivered + " events; there are " + arrived(stub) + secondOut + sandbox.logs());
            secondOut.controlC();
            secondOut.expectExit(0, Sandbox.PATIENCE);
            sandbox.expectNoChild();
        }
    }

    private static PipelineFile in(Sandbox sandbox, String load) throws Exception {
        sandbox.write("ToStream.java", SINK);
        return PipelineFile.named("in")
                .source("made", "generator-source", load)
                .commandSink("kept", "[java, -cp, \"${FISO_HOME}/lib/*\", ToStream.java]", "{}", "made");
    }

    private static PipelineFile out(Sandbox sandbox, HttpStub stub) throws Exception {
        sandbox.write("FromStream.java", SOURCE);
        return PipelineFile.named("out")
                .commandSource("read", "[java, -cp, \"${FISO_HOME}/lib/*\", FromStream.java]", "{}")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "read");
    }

    private static Set<Long> components(Sandbox sandbox) {
        return sandbox.components().stream().map(ComponentProcess::pid).collect(Collectors.toSet());
    }

    /** How many events have arrived, each counted once. */
    private static long arrived(HttpStub stub) {
        return stub.accepted().stream()
                .map(request -> request.event().path("id").asString(""))
                .distinct()
                .count();
    }

    private static void awaitMore(HttpStub stub, Sandbox sandbox) throws Exception {
        long before = arrived(stub);
        Eventually.until(
                Sandbox.PATIENCE,
                () -> arrived(stub) > before + 100,
                () -> "more than " + before + " events" + sandbox.logs());
    }
}
