// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.SubscribeRequest;
import io.fiso.sdk.delivery.Accepted;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.ProtocolException;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Refusal;
import io.fiso.sdk.delivery.SubscriberCall;
import io.fiso.sdk.delivery.SubscriberLink;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves EventStream: hands what subscribers send to the core, and what the core sends to subscribers. */
final class StreamServer implements ServerCallHandler<byte[], byte[]> {
    private static final int MESSAGES_AHEAD = 32;

    private final CoreThread thread;
    private final Supplier<@Nullable DeliveryCore> core;

    /** The core is asked for at every open; null while this component is not registered yet. */
    StreamServer(CoreThread thread, Supplier<@Nullable DeliveryCore> core) {
        this.thread = thread;
        this.core = core;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
        Subscription subscription = new Subscription(call);
        call.sendHeaders(new Metadata());
        call.request(MESSAGES_AHEAD);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                thread.post(() -> subscription.received(message));
                call.request(1);
            }

            @Override
            public void onHalfClose() {
                thread.post(() -> subscription.end(Status.OK));
            }

            @Override
            public void onCancel() {
                thread.post(subscription::gone);
            }
        };
    }

    /** One call. Everything in it happens on the core thread. */
    private final class Subscription implements SubscriberLink {
        private final ServerCall<byte[], byte[]> call;
        private @Nullable SubscriberCall subscriber;
        private boolean ended;

        Subscription(ServerCall<byte[], byte[]> call) {
            this.call = call;
        }

        void received(byte[] message) {
            if (ended) {
                return;
            }
            try {
                SubscribeRequest request = StreamCodec.request(message);
                if (subscriber == null) {
                    open(request);
                } else {
                    StreamCodec.deliver(request, subscriber);
                }
            } catch (ProtocolException e) {
                end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            }
        }

        private void open(SubscribeRequest request) {
            if (!request.hasOpen()) {
                throw new ProtocolException("the first message must be open");
            }
            Open open = StreamCodec.open(request.getOpen());
            DeliveryCore present = core.get();
            if (present == null) {
                refused(Refusal.NOT_WIRED, "this component is not registered yet; try again later");
                return;
            }
            subscriber = present.subscribe(open, this);
        }

        void gone() {
            ended = true;
            if (subscriber != null) {
                subscriber.closed();
            }
        }

        void end(Status status) {
            if (!ended) {
                call.close(status, new Metadata());
                gone();
            }
        }

        @Override
        public void accepted(Accepted accepted) {
            send(StreamCodec.accepted(accepted));
        }

        @Override
        public void refused(Refusal reason, String message) {
            send(StreamCodec.refused(reason, message));
            close();
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            send(StreamCodec.batch(firstSequence, records, settledUpTo));
        }

        @Override
        public void recall(long first, long last) {
            send(StreamCodec.recall(first, last));
        }

        @Override
        public void endOfStream(long lastSequence) {
            send(StreamCodec.endOfStream(lastSequence));
        }

        @Override
        public void close() {
            if (!ended) {
                ended = true;
                call.close(Status.OK, new Metadata());
            }
        }

        private void send(byte[] message) {
            if (!ended) {
                call.sendMessage(message);
            }
        }
    }
}
