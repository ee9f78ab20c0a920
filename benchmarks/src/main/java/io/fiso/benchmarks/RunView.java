// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks;

import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running pipeline seen through its control plane, as any client sees it. */
final class RunView implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final PipelineServiceGrpc.PipelineServiceBlockingStub pipelines;
    private final String pipeline;
    private String answer = "none";

    private RunView(JsonNode control) {
        channel = NettyChannelBuilder.forAddress(new InetSocketAddress(
                        "127.0.0.1", control.get("grpcPort").asInt()))
                .usePlaintext()
                .build();
        Metadata token = new Metadata();
        token.put(AUTHORIZATION, "Bearer " + control.get("token").asString());
        pipelines = PipelineServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token));
        pipeline = control.get("pipeline").asString();
    }

    /** Waits until the pipeline that writes this control file is running. */
    static RunView await(Path controlFile, Duration timeout) throws Exception {
        long deadline = System.nanoTime() + timeout.toNanos();
        String answer = "no " + controlFile;
        while (true) {
            if (Files.exists(controlFile)) {
                // Read anew each time: the file may be there before the ports that it names are final.
                RunView view = new RunView(JsonMapper.shared().readTree(Files.readString(controlFile)));
                if (view.state() == RunState.RUN_STATE_RUNNING) {
                    return view;
                }
                answer = view.answer;
                view.close();
            }
            pause(deadline, "the run did not become RUNNING; the last answer: " + answer);
        }
    }

    private static void pause(long deadline, String otherwise) throws InterruptedException {
        if (System.nanoTime() > deadline) {
            throw new IllegalStateException(otherwise);
        }
        Thread.sleep(Duration.ofMillis(50));
    }

    private RunState state() {
        try {
            RunState state = run().getState();
            answer = state.name();
            return state;
        } catch (StatusRuntimeException notYet) {
            answer = notYet.getStatus().toString();
            return RunState.RUN_STATE_UNSPECIFIED;
        }
    }

    private Run run() {
        return pipelines
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .getRun(GetRunRequest.newBuilder().setRun(pipeline).build())
                .getRun();
    }

    List<Long> pids() {
        return run().getComponentsList().stream().map(ComponentStatus::getPid).toList();
    }

    long eventsInto(String component) {
        return run().getComponentsList().stream()
                .filter(c -> c.getComponent().equals(component))
                .mapToLong(c -> c.getProgress().getEventsIn())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
