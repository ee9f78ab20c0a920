// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.ControlFile;
import io.fiso.controlplane.ControlPlane;
import io.fiso.controlplane.ControlPlaneException;
import io.fiso.pipeline.Problem;
import io.fiso.proto.control.v1.AuditRunRequest;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.InjectRequest;
import io.fiso.proto.control.v1.InjectResponse;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.PauseRunRequest;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.ResumeRunRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.StartRunRequest;
import io.fiso.proto.control.v1.StopRunRequest;
import io.fiso.proto.control.v1.WatchRunRequest;
import io.fiso.proto.control.v1.WatchRunResponse;
import io.fiso.tls.PeerName;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A control plane as a client sees it; its errors become {@link CommandException}s here and nowhere else. */
final class ControlPlaneClient implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** A predecessor that has to drain may take its drain timeout, and then its end. */
    private static final Duration START_DEADLINE = Duration.ofMinutes(30);

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> ERROR_CODE =
            Metadata.Key.of("fiso-error-code", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final PipelineServiceGrpc.PipelineServiceBlockingStub stub;

    /** @param tls the directory with a certificate and key; empty for a connection in plain text */
    private ControlPlaneClient(int port, String token, Optional<Path> tls) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", port);
        this.channel = tls.map(ControlPlaneClient::identity)
                .map(operator -> operator.dial(builder, PeerName.CONTROL_PLANE, "127.0.0.1:" + port))
                .orElseGet(builder::usePlaintext)
                .maxInboundMessageSize(8 << 20)
                .build();
        this.stub = PipelineServiceGrpc.newBlockingStub(channel).withInterceptors(bearer(token));
    }

    static ControlPlaneClient of(ControlPlane embedded) {
        return new ControlPlaneClient(embedded.grpcPort(), embedded.token(), embedded.tlsDirectory());
    }

    static ControlPlaneClient of(ControlFile file) {
        return new ControlPlaneClient(
                file.grpcPort(), file.token(), file.tlsDirectory().map(Path::of));
    }

    private static TlsIdentity identity(Path directory) {
        try {
            return TlsIdentity.read(new TlsDirectory(directory));
        } catch (IOException e) {
            throw new CommandException(
                    Failure.environment(
                            "controlplane.no_certificate",
                            "the control plane speaks TLS, and the certificate to call it with cannot be used: "
                                    + e.getMessage(),
                            ""),
                    e);
        }
    }

    private static ClientInterceptor bearer(String token) {
        return new ClientInterceptor() {
            @Override
            public <A, B> ClientCall<A, B> interceptCall(
                    MethodDescriptor<A, B> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<B> listener, Metadata headers) {
                        headers.put(AUTHORIZATION, "Bearer " + token);
                        super.start(listener, headers);
                    }
                };
            }
        };
    }

    /** @param replace whether a run of this pipeline may be drained first, which takes as long as it takes */
    Run start(String yaml, String file, Optional<String> driver, boolean replace) {
        StartRunRequest.Builder request =
                StartRunRequest.newBuilder().setYaml(yaml).setFile(file).setReplace(replace);
        driver.ifPresent(request::setDriver);
        try {
            return stub.withDeadlineAfter(START_DEADLINE)
                    .startRun(request.build())
                    .getRun();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    Run get(String run) {
        try {
            return bounded()
                    .getRun(GetRunRequest.newBuilder().setRun(run).build())
                    .getRun();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    List<Run> list(ListRunsRequest request) {
        try {
            return bounded().listRuns(request).getRunsList();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    Run stop(String run, Optional<Duration> grace, boolean kill) {
        StopRunRequest.Builder request = StopRunRequest.newBuilder().setRun(run).setKill(kill);
        grace.ifPresent(g -> request.setGrace(com.google.protobuf.Duration.newBuilder()
                .setSeconds(g.toSeconds())
                .setNanos(g.toNanosPart())));
        try {
            return bounded().stopRun(request.build()).getRun();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    Run pause(String run, String reason) {
        try {
            return bounded()
                    .pauseRun(PauseRunRequest.newBuilder()
                            .setRun(run)
                            .setReason(reason)
                            .build())
                    .getRun();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    Run resume(String run) {
        try {
            return bounded()
                    .resumeRun(ResumeRunRequest.newBuilder().setRun(run).build())
                    .getRun();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    AuditRunResponse audit(String run) {
        try {
            return bounded().auditRun(AuditRunRequest.newBuilder().setRun(run).build());
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /** Hands in a dead letter again; blocks until it is settled, at most so long. */
    InjectResponse inject(InjectRequest request, Duration limit) {
        try {
            return stub.withDeadlineAfter(limit).inject(request);
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /** The run now and after its changes, until it has ended. Blocks in next(). */
    Iterator<Run> watch(String run, Duration interval) {
        Iterator<WatchRunResponse> responses = stub.watchRun(WatchRunRequest.newBuilder()
                .setRun(run)
                .setInterval(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(interval.toSeconds())
                        .setNanos(interval.toNanosPart()))
                .build());
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return responses.hasNext();
                } catch (StatusRuntimeException e) {
                    throw failure(e);
                }
            }

            @Override
            public Run next() {
                return responses.next().getRun();
            }
        };
    }

    /** Watches a run that is being stopped. The control plane of a foreground run leaves right after it; its last word may be the one before. */
    Run awaitEnd(Run stopping) {
        Run last = stopping;
        try {
            for (Iterator<Run> states = watch(stopping.getId(), Duration.ofMillis(100)); states.hasNext(); ) {
                last = states.next();
            }
        } catch (CommandException e) {
            if (!RunText.isFinal(last) && !e.failure().code().equals("controlplane.unavailable")) {
                throw e;
            }
        }
        return last;
    }

    private PipelineServiceGrpc.PipelineServiceBlockingStub bounded() {
        return stub.withDeadlineAfter(DEADLINE);
    }

    private static CommandException failure(StatusRuntimeException e) {
        Status status = e.getStatus();
        String code = Optional.ofNullable(e.getTrailers())
                .map(trailers -> trailers.get(ERROR_CODE))
                .orElse("controlplane." + status.getCode().name().toLowerCase(java.util.Locale.ROOT));
        String message =
                Optional.ofNullable(status.getDescription()).orElse("the control plane answered " + status.getCode());
        Failure failure = switch (status.getCode()) {
            case INVALID_ARGUMENT -> Failure.invalid(code, message, "");
            case NOT_FOUND -> Failure.invalid(code, message, "\"fisoctl pipelines runs\" shows the runs there are");
            case ALREADY_EXISTS, FAILED_PRECONDITION -> Failure.failed(code, Problem.Owner.USER, message, "");
            case INTERNAL, UNKNOWN, DATA_LOSS -> Failure.failed(code, Problem.Owner.INTERNAL, message, "");
            default -> Failure.environment(code, message, "");
        };
        return new CommandException(failure, e);
    }

    /** The same for a control plane in this process that could not do something. */
    static CommandException failure(ControlPlaneException e) {
        String message = String.valueOf(e.getMessage());
        Failure failure = switch (e.kind()) {
            case INVALID, NOT_FOUND -> Failure.invalid(e.code(), message, "");
            case EXISTS, REFUSED -> new Failure(e.code(), Problem.Owner.USER, ExitCode.FAILED, message, "", List.of());
            case ENVIRONMENT -> Failure.environment(e.code(), message, "");
            case INTERNAL -> Failure.failed(e.code(), Problem.Owner.INTERNAL, message, "");
        };
        return new CommandException(failure, e);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
