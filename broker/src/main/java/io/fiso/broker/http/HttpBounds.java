// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.time.Duration;
import java.util.Set;

/**
 * What HTTP takes.
 *
 * @param bodyMaxBytes of a request's body
 * @param messageMaxBytes of the message that is made from it: the bound that gRPC has
 * @param exchangesMax requests that are served at once; more are turned away
 * @param bodiesMaxBytes of the bodies of all requests that are served at once; one that would make it more is turned away. What is made of a body takes about
 *     twice as much again
 * @param heartbeat how long nothing is sent on a stream before an empty line is, by which a client that is gone is noticed
 * @param begin how long a client waits at most to hear that its stream has begun; an error until then has a status of its own
 * @param receive how long a request may take to arrive; then its connection is closed
 * @param stop how long an end waits for answers that are being sent; rounded up to seconds
 * @param hosts names by which clients may call this server, without port; a page in a browser whose name was made to lead here has another
 */
public record HttpBounds(
        int bodyMaxBytes,
        int messageMaxBytes,
        int exchangesMax,
        int bodiesMaxBytes,
        Duration heartbeat,
        Duration begin,
        Duration receive,
        Duration stop,
        Set<String> hosts) {
    public static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** As a request is usually allowed to take to arrive. */
    public static final Duration RECEIVE = Duration.ofSeconds(60);

    private static final int BODIES_MAX_BYTES = 32 * 1024 * 1024;

    public HttpBounds {
        if (bodyMaxBytes < 1
                || messageMaxBytes < 1
                || exchangesMax < 1
                || bodiesMaxBytes < bodyMaxBytes
                || receive.toMillis() < 1
                || heartbeat.toMillis() < 1
                || begin.toMillis() < 1
                || stop.isNegative()) {
            throw new IllegalArgumentException(
                    "bounds of HTTP are positive, and all bodies together have at least what one may have");
        }
        hosts = Set.copyOf(hosts);
    }

    /** A message of this size with nearly all of it a payload, which JSON writes in base64, has room. */
    public static HttpBounds forMessages(int messageMaxBytes) {
        return new HttpBounds(
                messageMaxBytes / 3 * 4 + 64 * 1024,
                messageMaxBytes,
                1_024,
                BODIES_MAX_BYTES,
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                RECEIVE,
                Duration.ofSeconds(1),
                LOOPBACK);
    }
}
