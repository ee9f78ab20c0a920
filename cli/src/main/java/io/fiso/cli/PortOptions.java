// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The ports of a control plane on 127.0.0.1; empty: the standard one, or any if that is taken. */
final class PortOptions {
    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            description = "Port of the control plane (default: 8080, or any if that is taken; 0: any)")
    @Nullable
    Integer grpc;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Port of metrics and health (default: 9090, or any if that is taken; 0: any)")
    @Nullable
    Integer http;

    /** Whether somebody said anything. */
    boolean given() {
        return grpc != null || http != null;
    }

    OptionalInt grpcPort() {
        return grpc == null ? OptionalInt.empty() : OptionalInt.of(grpc);
    }

    OptionalInt httpPort() {
        return http == null ? OptionalInt.empty() : OptionalInt.of(http);
    }
}
