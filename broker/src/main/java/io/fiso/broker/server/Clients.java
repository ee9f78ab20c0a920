// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Who is there: connections over gRPC, whatever is called on them, and requests that are served over HTTP. Thread-safe. */
final class Clients {
    /** On connections that were counted: one that never spoke HTTP/2 ends without having begun. */
    private static final Attributes.Key<Boolean> COUNTED = Attributes.Key.create("counted");

    private final InstantSource clock;
    private int there;
    private Instant lastLeft;

    Clients(InstantSource clock) {
        this.clock = clock;
        this.lastLeft = clock.instant();
    }

    /** How long nobody has been there, from the start on; zero if somebody is. */
    synchronized Duration idle() {
        Duration since = Duration.between(lastLeft, clock.instant());
        return there > 0 || since.isNegative() ? Duration.ZERO : since;
    }

    private synchronized void came() {
        there++;
    }

    private synchronized void went() {
        there--;
        lastLeft = clock.instant();
    }

    ServerTransportFilter overGrpc() {
        return new ServerTransportFilter() {
            @Override
            public Attributes transportReady(Attributes attributes) {
                came();
                return attributes.toBuilder().set(COUNTED, true).build();
            }

            @Override
            public void transportTerminated(@Nullable Attributes attributes) {
                if (attributes != null && attributes.get(COUNTED) != null) {
                    went();
                }
            }
        };
    }

    Filter overHttp() {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                came();
                try {
                    chain.doFilter(exchange);
                } finally {
                    went();
                }
            }

            @Override
            public String description() {
                return "counts requests";
            }
        };
    }
}
