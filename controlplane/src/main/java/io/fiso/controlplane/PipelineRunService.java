// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.proto.control.v1.AuditRunRequest;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.GetRunResponse;
import io.fiso.proto.control.v1.InjectRequest;
import io.fiso.proto.control.v1.InjectResponse;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.ListRunsResponse;
import io.fiso.proto.control.v1.PauseRunRequest;
import io.fiso.proto.control.v1.PauseRunResponse;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.ResumeRunRequest;
import io.fiso.proto.control.v1.ResumeRunResponse;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StartRunRequest;
import io.fiso.proto.control.v1.StartRunResponse;
import io.fiso.proto.control.v1.StopRunRequest;
import io.fiso.proto.control.v1.StopRunResponse;
import io.fiso.proto.control.v1.WatchRunRequest;
import io.fiso.proto.control.v1.WatchRunResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs on the wire. */
final class PipelineRunService extends PipelineServiceGrpc.PipelineServiceImplBase {
    private static final int LIST_MAX = 100;
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);
    private static final Duration WATCH_INTERVAL_MIN = Duration.ofMillis(50);

    private final Runs runs;
    private final Injections injections;

    PipelineRunService(Runs runs) {
        this.runs = runs;
        this.injections = new Injections(runs);
    }

    @Override
    public void startRun(StartRunRequest request, StreamObserver<StartRunResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Optional<String> driver = Optional.of(request.getDriver()).filter(name -> !name.isEmpty());
            Run run = runs.start(request.getYaml(), request.getFile(), driver, request.getReplace());
            return StartRunResponse.newBuilder().setRun(run).build();
        });
    }

    @Override
    public void stopRun(StopRunRequest request, StreamObserver<StopRunResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Optional<Duration> grace = request.hasGrace()
                    ? Optional.of(positive("grace", WireTime.duration(request.getGrace())))
                    : Optional.empty();
            Run run = runs.stop(request.getRun(), grace, request.getKill());
            return StopRunResponse.newBuilder().setRun(run).build();
        });
    }

    @Override
    public void pauseRun(PauseRunRequest request, StreamObserver<PauseRunResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> PauseRunResponse.newBuilder()
                        .setRun(runs.pause(request.getRun(), request.getReason()))
                        .build());
    }

    @Override
    public void resumeRun(ResumeRunRequest request, StreamObserver<ResumeRunResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> ResumeRunResponse.newBuilder()
                        .setRun(runs.resume(request.getRun()))
                        .build());
    }

    @Override
    public void auditRun(AuditRunRequest request, StreamObserver<AuditRunResponse> observer) {
        GrpcErrors.answer(observer, () -> runs.audit(request.getRun()));
    }

    private static Duration positive(String field, Duration value) {
        if (value.isNegative()) {
            throw new ControlPlaneException(
                    Kind.INVALID, "request.bad_field", "the field \"" + field + "\" is negative: " + value);
        }
        return value;
    }

    @Override
    public void getRun(GetRunRequest request, StreamObserver<GetRunResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> GetRunResponse.newBuilder()
                        .setRun(runs.get(request.getRun()))
                        .build());
    }

    @Override
    public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> ListRunsResponse.newBuilder()
                        .addAllRuns(runs.list()
                                .filter(run -> request.getPipeline().isEmpty()
                                        || run.getPipeline().equals(request.getPipeline()))
                                .filter(run -> request.getState() == RunState.RUN_STATE_UNSPECIFIED
                                        || run.getState() == request.getState())
                                .filter(run -> !request.getActive() || !RunView.isFinal(run.getState()))
                                .limit(request.getLimit() == 0 ? LIST_MAX : request.getLimit())
                                .toList())
                        .build());
    }

    @Override
    public void inject(InjectRequest request, StreamObserver<InjectResponse> observer) {
        // Whoever asked may have gone when the answer comes; then it goes nowhere.
        ((ServerCallStreamObserver<InjectResponse>) observer).setOnCancelHandler(() -> {});
        GrpcErrors.answer(observer, () -> injections.inject(request));
    }

    @Override
    public void watchRun(WatchRunRequest request, StreamObserver<WatchRunResponse> observer) {
        ServerCallStreamObserver<WatchRunResponse> stream = (ServerCallStreamObserver<WatchRunResponse>) observer;
        stream.setOnCancelHandler(() -> {});
        // A thread of its own: while this method runs, gRPC cannot tell that the caller has gone.
        Thread.ofVirtual().name("watch-run").start(() -> watch(request, stream));
    }

    private void watch(WatchRunRequest request, ServerCallStreamObserver<WatchRunResponse> stream) {
        try {
            Duration interval = request.hasInterval()
                    ? positive("interval", WireTime.duration(request.getInterval()))
                    : WATCH_INTERVAL;
            String id = runs.get(request.getRun()).getId();
            watch(id, interval.compareTo(WATCH_INTERVAL_MIN) < 0 ? WATCH_INTERVAL_MIN : interval, stream);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            stream.onError(GrpcErrors.toStatus(e));
        }
    }

    private void watch(String id, Duration interval, ServerCallStreamObserver<WatchRunResponse> stream)
            throws InterruptedException {
        @Nullable Run sent = null;
        long sentAtNanos = 0;
        while (!stream.isCancelled()) {
            Run run = runs.get(id);
            boolean last = RunView.isFinal(run.getState());
            boolean due = sent == null || System.nanoTime() - sentAtNanos >= interval.toNanos();
            // The end is told at once; a change, when its time has come; and never more than the caller takes.
            if (last || due && !run.equals(sent) && stream.isReady()) {
                stream.onNext(WatchRunResponse.newBuilder().setRun(run).build());
                sent = run;
                sentAtNanos = System.nanoTime();
            }
            if (last) {
                stream.onCompleted();
                return;
            }
            Thread.sleep(WATCH_INTERVAL_MIN);
        }
    }
}
