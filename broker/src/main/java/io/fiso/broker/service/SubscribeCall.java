// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.access.Caller;
import io.fiso.broker.access.Permission;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.stream.Slice;
import io.fiso.broker.stream.Streams;
import io.fiso.broker.stream.Subscription;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.SubscriptionOpened;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One call of a subscriber. What is sent is sent by one virtual thread, which lives as long as the subscription. */
final class SubscribeCall implements StreamObserver<SubscribeRequest>, Subscription.Receiver {
    private final Streams streams;
    private final Caller caller = Caller.current();
    private final ServerCallStreamObserver<SubscribeResponse> answers;
    private volatile @Nullable Subscription subscription;
    private boolean refused;

    SubscribeCall(Streams streams, ServerCallStreamObserver<SubscribeResponse> answers) {
        this.streams = streams;
        this.answers = answers;
        answers.setOnReadyHandler(() -> {
            Subscription open = subscription;
            if (open != null) {
                open.wake();
            }
        });
        answers.setOnCancelHandler(this::cancel);
    }

    @Override
    public void onNext(SubscribeRequest request) {
        if (refused) {
            return;
        }
        Subscription open = subscription;
        try {
            if (open == null) {
                open(request);
            } else {
                next(open, request);
            }
        } catch (Throwable e) {
            if (open == null) {
                refused = true;
                answers.onError(GrpcErrors.toStatus(e));
            } else {
                open.fail(e instanceof RuntimeException known ? known : GrpcErrors.toStatus(e));
            }
        }
    }

    private void open(SubscribeRequest request) {
        if (!request.hasOpen()) {
            throw protocol("the first message of a subscription is `open`");
        }
        OpenSubscription open = request.getOpen();
        ResourceName stream = StreamService.name(open.getStream());
        if (open.hasMember()) {
            // It keeps its member alive, so others get nothing of what that has.
            caller.require(Permission.WRITE, stream);
        }
        Subscription made = streams.subscribe(
                stream,
                WireStream.starts(open.getPartitionsList()),
                WireStream.start(open.getStart()),
                open.hasMember()
                        ? Optional.of(new Subscription.Member(
                                open.getMember().getGroup(),
                                open.getMember().getMemberId(),
                                open.getMember().getGeneration()))
                        : Optional.empty(),
                open.getSkipMissing());
        subscription = made;
        if (answers.isCancelled()) {
            made.cancel();
        }
        Thread.ofVirtual().name("broker-subscription").start(() -> run(made));
    }

    private void next(Subscription open, SubscribeRequest request) {
        switch (request.getMessageCase()) {
            case CREDIT -> {
                open.heartbeat();
                open.credit(
                        request.getCredit().getRecords(), request.getCredit().getBytes());
            }
            case HEARTBEAT -> open.heartbeat();
            case OPEN -> throw protocol("`open` is the first message of a subscription, and only the first");
            case MESSAGE_NOT_SET -> throw protocol("a message has one of `open`, `credit` and `heartbeat`");
        }
    }

    private static BrokerException protocol(String message) {
        return new BrokerException(Kind.INVALID, "broker.subscription_invalid", message);
    }

    private void run(Subscription open) {
        try {
            answers.onNext(SubscribeResponse.newBuilder()
                    .setOpened(SubscriptionOpened.newBuilder().addAllPartitions(WireStream.of(open.positions())))
                    .build());
            open.run(this);
            if (!answers.isCancelled()) {
                answers.onCompleted();
            }
        } catch (Throwable e) { // An Error too: who is not answered waits for ever.
            if (!answers.isCancelled()) {
                answers.onError(GrpcErrors.toStatus(e));
            }
        } finally {
            open.end();
        }
    }

    @Override
    public boolean ready() {
        return answers.isReady();
    }

    @Override
    public void take(int partition, Slice slice) {
        answers.onNext(SubscribeResponse.newBuilder()
                .setBatch(WireStream.batch(partition, slice))
                .build());
    }

    @Override
    public void onError(Throwable cause) {
        cancel();
    }

    /** The subscriber wants no more. */
    @Override
    public void onCompleted() {
        if (subscription == null && !refused) {
            refused = true;
            answers.onError(GrpcErrors.toStatus(protocol("the subscription was never opened")));
        }
        cancel();
    }

    private void cancel() {
        Subscription open = subscription;
        if (open != null) {
            open.cancel();
        }
    }
}
