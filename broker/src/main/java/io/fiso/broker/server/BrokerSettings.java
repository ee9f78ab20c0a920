// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.http.HttpBounds;
import io.fiso.broker.service.StreamService;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a broker is run.
 *
 * @param directory what it keeps: the store in {@code store}, and who may call it in {@code access.json}
 * @param grpcPort on 127.0.0.1; 0 chooses one
 * @param httpPort the same
 * @param http what HTTP takes
 * @param drainMax how long an end waits for calls that are being served
 */
public record BrokerSettings(Path directory, int grpcPort, int httpPort, HttpBounds http, Duration drainMax) {
    /** The most that a payload may have. */
    public static final int PAYLOAD_MAX_BYTES = 4 * 1024 * 1024;

    /** The most that a message may have over HTTP: one such payload, with its key, headers and names. */
    public static final int MESSAGE_MAX_BYTES = PAYLOAD_MAX_BYTES + 256 * 1024;

    /** The same over gRPC, where records come in batches. */
    public static final int GRPC_MESSAGE_MAX_BYTES = StreamService.REQUEST_BYTES_MAX;

    /** How many calls of one gRPC connection are served at once; the client keeps back more. Subscriptions, watches and reserves that wait count too. */
    public static final int GRPC_CALLS_PER_CONNECTION_MAX = 1_024;

    public BrokerSettings {
        if (grpcPort < 0 || grpcPort > 65_535 || httpPort < 0 || httpPort > 65_535 || drainMax.isNegative()) {
            throw new IllegalArgumentException("a port is 0 to 65535, and a drain does not end before it begins");
        }
    }

    /** With bounds as they usually are. */
    public static BrokerSettings of(Path directory, int grpcPort, int httpPort) {
        return new BrokerSettings(
                directory, grpcPort, httpPort, HttpBounds.forMessages(MESSAGE_MAX_BYTES), Duration.ofSeconds(5));
    }
}
