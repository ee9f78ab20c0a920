// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call with one request, whose answers one thread takes one by one; a service never gets further ahead of it than {@link #AHEAD_MAX} answers. */
final class RpcCall implements AutoCloseable {
    private static final int AHEAD_MAX = 4;

    private final ClientCall<Message, Message> call;
    /** Bounded by what is asked for. */
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private boolean ended;

    /** What a service does. */
    sealed interface Event {}

    /** It has taken the call. */
    record Opened() implements Event {}

    record Answer(Message message) implements Event {}

    /** The last one. */
    record Ended(Status status, Metadata trailers) implements Event {}

    private RpcCall(ClientCall<Message, Message> call) {
        this.call = call;
    }

    static RpcCall start(Channel channel, RpcMethod method, Message request, Metadata headers) {
        RpcCall started = new RpcCall(channel.newCall(method.grpc(), CallOptions.DEFAULT));
        started.call.start(started.new Taking(), headers);
        started.call.request(AHEAD_MAX);
        started.call.sendMessage(request);
        started.call.halfClose();
        return started;
    }

    private final class Taking extends ClientCall.Listener<Message> {
        @Override
        public void onHeaders(Metadata headers) {
            events.add(new Opened());
        }

        @Override
        public void onMessage(Message message) {
            events.add(new Answer(message));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            events.add(new Ended(status, trailers));
        }
    }

    Event next() throws InterruptedException {
        return taken(events.take());
    }

    /** Null if nothing came for so long. */
    @Nullable
    Event next(Duration timeout) throws InterruptedException {
        Event event = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        return event == null ? null : taken(event);
    }

    private Event taken(Event event) {
        if (event instanceof Answer) {
            call.request(1);
        }
        ended |= event instanceof Ended;
        return event;
    }

    /** Whether something is there to be taken without waiting. */
    boolean hasMore() {
        return !events.isEmpty();
    }

    /** Cancels what has not ended. */
    @Override
    public void close() {
        if (!ended) {
            call.cancel("the HTTP client is gone", null);
        }
    }
}
