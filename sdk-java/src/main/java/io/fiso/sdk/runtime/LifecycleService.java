// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.DrainRequest;
import io.fiso.proto.stream.v1.DrainResponse;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.proto.stream.v1.InjectResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.Record;
import io.fiso.proto.stream.v1.StopRequest;
import io.fiso.proto.stream.v1.StopResponse;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.grpc.Status;
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

        void drain();

        /** Begins to stop; answers how much is unsettled. A grace of zero means the component's own. */
        long stop(Duration grace);

        /** Takes an event as if it had arrived; false if this component is not ready for it. */
        boolean inject(byte[] event, byte[] orderKey, Injected answer);
    }

    /** Told what became of an injected event. */
    interface Injected {
        void settled(Fate fate, @Nullable Failure failure);
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
        Record record = request.getRecord();
        boolean taken = behind.inject(
                record.getEvent().toByteArray(), record.getOrderKey().toByteArray(), (fate, failure) -> {
                    InjectResponse.Builder response =
                            InjectResponse.newBuilder().setFate(StreamCodec.fate(fate));
                    if (failure != null) {
                        response.setFailure(StreamCodec.failure(failure));
                    }
                    observer.onNext(response.build());
                    observer.onCompleted();
                });
        if (!taken) {
            observer.onError(Status.UNAVAILABLE
                    .withDescription("this component is not running yet; try again")
                    .asRuntimeException());
        }
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
