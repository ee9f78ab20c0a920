// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Key and headers of what is written to a stream or a queue. */
final class HeaderOptions {
    @Option(names = "--key", paramLabel = "KEY", description = "Its key")
    @Nullable
    String key;

    @Option(names = "--header", paramLabel = "NAME=VALUE", description = "A header; may be given more than once")
    List<String> headers = List.of();

    /** One header. */
    record Header(String name, String value) {}

    List<Header> headers() {
        return headers.stream().map(HeaderOptions::parse).toList();
    }

    private static Header parse(String written) {
        int equals = written.indexOf('=');
        if (equals < 1) {
            throw new CommandException(Failure.invalid(
                    "cli.usage", "--header \"" + written + "\" is not NAME=VALUE", "write --header name=value"));
        }
        return new Header(written.substring(0, equals), written.substring(equals + 1));
    }
}
