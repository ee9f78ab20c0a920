// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the runtime alone can carry: source → pass-through → null sink as three processes on this machine, 300-byte payloads.
 *
 * <pre>
 * java -cp ... io.fiso.testkit.LoopbackThroughput [warm-up s] [measured s]
 * </pre>
 */
public final class LoopbackThroughput {
    private static final int PAYLOAD_BYTES = 300;
    private static final String[] CHAIN = {"source->pass", "pass->sink"};

    private LoopbackThroughput() {}

    public static void main(String[] args) throws Exception {
        switch (args.length == 1 ? args[0] : "") {
            case "source" -> FisoComponent.run(new Endless());
            case "pass" -> FisoComponent.run(new PassThrough());
            case "sink" -> FisoComponent.run(new Nothing());
            default -> measure(seconds(args, 0, 15), seconds(args, 1, 10));
        }
    }

    private static int seconds(String[] args, int index, int otherwise) {
        return args.length > index ? Integer.parseInt(args[index]) : otherwise;
    }

    private static void measure(int warmUp, int measured) throws Exception {
        Path directory = Files.createTempDirectory("fiso-loopback");
        Map<String, Process> processes = new LinkedHashMap<>();
        try (FakeControlPlane controlPlane = new FakeControlPlane(CHAIN)) {
            for (String role : List.of("sink", "pass", "source")) {
                processes.put(role, launch(role, controlPlane.address(), directory));
            }
            ComponentHarness.await(
                    "all are registered",
                    () -> processes.keySet().stream().allMatch(controlPlane::isRegistered),
                    processes::keySet);
            Thread.sleep(warmUp * 1_000L);
            long eventsBefore =
                    describe(controlPlane.addressOf("sink")).getProgress().getEventsIn();
            Map<String, Long> cpuBefore = cpu(processes);
            long begin = System.nanoTime();
            Thread.sleep(measured * 1_000L);
            long events = describe(controlPlane.addressOf("sink")).getProgress().getEventsIn() - eventsBefore;
            double seconds = (System.nanoTime() - begin) / 1e9;
            Map<String, Long> cpuAfter = cpu(processes);
            System.out.printf(Locale.ROOT, "%.0f events/s%n", events / seconds);
            double total = 0;
            for (String role : processes.keySet()) {
                double used = (cpuAfter.getOrDefault(role, 0L) - cpuBefore.getOrDefault(role, 0L)) / 1e9;
                total += used;
                long resident =
                        describe(controlPlane.addressOf(role)).getProgress().getResidentBytes();
                System.out.printf(
                        Locale.ROOT,
                        "%-7s %.2f CPU-s per million, %d MB resident%n",
                        role,
                        used * 1e6 / events,
                        resident >> 20);
            }
            System.out.printf(Locale.ROOT, "all     %.2f CPU-s per million%n", total * 1e6 / events);
        } finally {
            processes.values().forEach(Process::destroyForcibly);
        }
    }

    private static Process launch(String role, String controlPlane, Path directory) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(Arrays.asList(System.getProperty("fiso.loopback." + role, "-Dfiso.loopback=" + role)
                .split(" ", -1)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoopbackThroughput.class.getName(), role));
        Path config = directory.resolve(role + ".json");
        boolean source = "source".equals(role);
        boolean sink = "sink".equals(role);
        Files.writeString(
                config,
                "{\"inputs\": [" + (source ? "" : sink ? "\"pass->sink\"" : "\"source->pass\"") + "], \"outputs\": ["
                        + (sink ? "" : "{\"edge\": \"" + (source ? CHAIN[0] : CHAIN[1]) + "\"}") + "]}");
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment()
                .putAll(Map.of(
                        "FISO_CONTROL_PLANE",
                        controlPlane,
                        "FISO_COMPONENT_ID",
                        role,
                        "FISO_PIPELINE",
                        "loopback",
                        "FISO_RUN_ID",
                        "run-1",
                        "FISO_TOKEN",
                        ComponentHarness.TOKEN,
                        "FISO_CONFIG_FILE",
                        config.toString(),
                        "FISO_STATE_DIR",
                        directory + File.separator + "components" + File.separator + role));
        return builder.start();
    }

    private static Map<String, Long> cpu(Map<String, Process> processes) {
        Map<String, Long> nanos = new LinkedHashMap<>();
        processes.forEach((role, process) ->
                nanos.put(role, process.info().totalCpuDuration().orElseThrow().toNanos()));
        return nanos;
    }

    private static DescribeResponse describe(String address) {
        int colon = address.lastIndexOf(':');
        Metadata token = new Metadata();
        token.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + ComponentHarness.TOKEN);
        ClientInterceptor authorized = MetadataUtils.newAttachHeadersInterceptor(token);
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .intercept(authorized)
                .build();
        try {
            return LifecycleGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    private static final class Endless implements EventSource {
        @Override
        public void run(SourceContext context) throws InterruptedException {
            byte[] payload = new byte[PAYLOAD_BYTES];
            Arrays.fill(payload, (byte) 'x');
            for (long n = 0; !context.stopping(); n++) {
                WireEvent event = WireEvent.builder()
                        .id(Long.toString(n))
                        .source("/loopback")
                        .type("load")
                        .data(payload)
                        .build();
                byte[] key = {(byte) n, (byte) (n >> 8)};
                context.emit(SourceEvent.of(event, "load-0", n, key, null));
            }
        }
    }

    private static final class PassThrough implements EventProcessor {
        @Override
        public void process(CloudEvent event, Emitter out) {
            out.emit(event);
        }
    }

    private static final class Nothing implements BatchEventSink {
        @Override
        public void deliver(List<CloudEvent> events, Outcome outcome) {}
    }
}
