// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.ProtocolException;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Settlement;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import io.fiso.tls.PeerName;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;

/** Dials emitters: one connection per address, one call per subscription. Used on the core thread only. */
final class StreamClient implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StreamClient.class.getName());
    private static final int MESSAGES_AHEAD = 32;

    private final Network network;
    private final String pipeline;
    private final CoreThread thread;
    private final Map<String, ProbedChannel> channels = new HashMap<>();
    private final Records records = new Records();

    /** @param pipeline the pipeline that the emitters belong to */
    StreamClient(Network network, String pipeline, CoreThread thread) {
        this.network = network;
        this.pipeline = pipeline;
        this.thread = thread;
    }

    /** Opens a subscription; its answers, and its end, are told to {@code upstream} on the core thread. */
    UpstreamLink dial(Wiring.Upstream to, Open open, UpstreamCall upstream) {
        String address = to.address();
        ManagedChannel channel =
                channels.computeIfAbsent(address, _ -> open(to)).channel();
        // The core spaces its attempts itself.
        channel.resetConnectBackoff();
        Subscription subscription =
                new Subscription(to, channel.newCall(Network.SUBSCRIBE, CallOptions.DEFAULT), upstream);
        subscription.start(open);
        return subscription;
    }

    private ProbedChannel open(Wiring.Upstream to) {
        return network.probe(
                HostPort.parse("the address of '" + to.edge() + "'", to.address()),
                PeerName.component(to.from(), pipeline),
                silent -> thread.post(() -> replace(to.address(), silent)));
    }

    /** A connection that nobody answers on is cut: its calls end, and the core dials anew. */
    private void replace(String address, ProbedChannel silent) {
        if (channels.remove(address, silent)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Nothing answers on the connection to {0} any more; dialling it anew",
                    address);
            silent.close();
        }
    }

    /** Closes connections to addresses that the wiring no longer names. */
    void keepOnly(java.util.Set<String> addresses) {
        channels.entrySet().removeIf(entry -> {
            boolean unused = !addresses.contains(entry.getKey());
            if (unused) {
                entry.getValue().finish();
            }
            return unused;
        });
    }

    @Override
    public void close() {
        channels.values().forEach(ProbedChannel::close);
        channels.clear();
    }

    private final class Subscription extends ClientCall.Listener<byte[]> implements UpstreamLink {
        private final Wiring.Upstream to;
        private final ClientCall<byte[], byte[]> call;
        private final UpstreamCall upstream;
        private boolean ended;

        Subscription(Wiring.Upstream to, ClientCall<byte[], byte[]> call, UpstreamCall upstream) {
            this.to = to;
            this.call = call;
            this.upstream = upstream;
        }

        void start(Open open) {
            call.start(this, new Metadata());
            call.request(MESSAGES_AHEAD);
            call.sendMessage(StreamCodec.open(open));
        }

        @Override
        public void onMessage(byte[] message) {
            thread.post(() -> received(message));
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            thread.post(() -> {
                if (!ended) {
                    ended = true;
                    if (!status.isOk()) {
                        LOG.log(
                                System.Logger.Level.DEBUG,
                                "Lost the stream of {0} at {1}: {2}",
                                to.edge(),
                                to.address(),
                                status);
                    }
                    upstream.closed();
                }
            });
        }

        private void received(byte[] message) {
            if (ended) {
                return;
            }
            try {
                StreamCodec.deliver(message, upstream, records);
            } catch (ProtocolException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The emitter of " + to.edge() + " at " + to.address() + " broke the protocol",
                        e);
                ended = true;
                call.cancel(e.getMessage(), e);
                upstream.closed();
            }
        }

        @Override
        public void credit(long events, long bytes) {
            send(StreamCodec.credit(events, bytes));
        }

        @Override
        public void settle(Settlement settlement) {
            send(StreamCodec.settle(settlement));
        }

        @Override
        public void close() {
            if (!ended) {
                ended = true;
                call.cancel("closed", null);
            }
        }

        private void send(byte[] message) {
            if (!ended) {
                call.sendMessage(message);
            }
        }
    }
}
