// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.DrainRequest;
import io.fiso.proto.stream.v1.DrainResponse;
import io.fiso.proto.stream.v1.FinishRequest;
import io.fiso.proto.stream.v1.FinishResponse;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.proto.stream.v1.InjectResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.PauseRequest;
import io.fiso.proto.stream.v1.PauseResponse;
import io.fiso.proto.stream.v1.ResumeRequest;
import io.fiso.proto.stream.v1.ResumeResponse;
import io.fiso.proto.stream.v1.StopRequest;
import io.fiso.proto.stream.v1.StopResponse;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers what the control plane asks of this component. */
final class LifecycleService extends LifecycleGrpc.LifecycleImplBase {
    /** What stands behind the service. None of it blocks. */
    interface Behind {
        /** Answers with a description that is as fresh as the component can make it. */
        void describe(Consumer<DescribeResponse> answer);

        /** Holds a source; false if this is none. */
        boolean pause(String reason);

        /** Lets a source go on; false if this is none. */
        boolean resume();

        /** Tells a source that its outside gets nothing more; false if this is none. */
        boolean finish(String mark);

        void drain();

        /** Begins to stop; answers how much is unsettled. A grace of zero means the component's own. */
        long stop(Duration grace);

        /** Takes an event as if it had arrived, or a record as if it had been read. */
        void inject(InjectRequest request, Injection.Asker asker);
    }

    private final Behind behind;

    LifecycleService(Behind behind) {
        this.behind = behind;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
        behind.describe(answer -> {
            observer.onNext(answer);
            observer.onCompleted();
        });
    }

    @Override
    public void inject(InjectRequest request, StreamObserver<InjectResponse> observer) {
        // Whoever asked may have gone when the answer comes; then it goes nowhere.
        ((ServerCallStreamObserver<InjectResponse>) observer).setOnCancelHandler(() -> {});
        behind.inject(request, new Answer(observer));
    }

    private record Answer(StreamObserver<InjectResponse> observer) implements Injection.Asker {
        @Override
        public void settled(Fate fate, @Nullable Failure failure) {
            InjectResponse.Builder response = InjectResponse.newBuilder().setFate(StreamCodec.fate(fate));
            if (failure != null) {
                response.setFailure(StreamCodec.failure(failure));
            }
            observer.onNext(response.build());
            observer.onCompleted();
        }

        @Override
        public void unavailable(String reason) {
            observer.onError(Status.UNAVAILABLE.withDescription(reason).asRuntimeException());
        }

        @Override
        public void refused(String reason) {
            observer.onError(Status.FAILED_PRECONDITION.withDescription(reason).asRuntimeException());
        }
    }

    @Override
    public void pause(PauseRequest request, StreamObserver<PauseResponse> observer) {
        if (behind.pause(request.getReason())) {
            observer.onNext(PauseResponse.getDefaultInstance());
            observer.onCompleted();
        } else {
            refuse(observer);
        }
    }

    @Override
    public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
        if (behind.resume()) {
            observer.onNext(ResumeResponse.getDefaultInstance());
            observer.onCompleted();
        } else {
            refuse(observer);
        }
    }

    @Override
    public void finish(FinishRequest request, StreamObserver<FinishResponse> observer) {
        if (behind.finish(request.getMark())) {
            observer.onNext(FinishResponse.getDefaultInstance());
            observer.onCompleted();
        } else {
            refuse(observer);
        }
    }

    private static void refuse(StreamObserver<?> observer) {
        observer.onError(Status.FAILED_PRECONDITION
                .withDescription("this component is no source; ask the sources before it")
                .asRuntimeException());
    }

    @Override
    public void drain(DrainRequest request, StreamObserver<DrainResponse> observer) {
        behind.drain();
        observer.onNext(DrainResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public void stop(StopRequest request, StreamObserver<StopResponse> observer) {
        long unsettled = behind.stop(ControlPlaneLink.duration(request.getGrace()));
        observer.onNext(StopResponse.newBuilder().setUnsettled(unsettled).build());
        observer.onCompleted();
    }
}
