// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param url where events go
 * @param method the request method; POST by default
 * @param mode how an event becomes a request
 * @param headers further request headers, which win over the sink's own
 * @param timeout how long one request may take
 * @param connections the most connections open at once
 * @param tls how to trust an https endpoint
 */
record HttpSinkConfig(
        URI url,
        @Nullable String method,
        @Nullable Mode mode,
        Map<String, String> headers,
        @Nullable Duration timeout,
        int connections,
        @Nullable Tls tls) {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    private static final int DEFAULT_CONNECTIONS = 256;

    /** How an event becomes a request. */
    enum Mode {
        /** The whole event as the body. */
        STRUCTURED,
        /** The payload as the body, the attributes as headers. */
        BINARY
    }

    /**
     * Trust.
     *
     * @param caFile certificate authorities to trust instead of the system's
     * @param skipVerify trust anyone
     */
    record Tls(@Nullable String caFile, boolean skipVerify) {}

    HttpSinkConfig {
        if (url == null
                || url.getHost() == null
                || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
            throw new IllegalArgumentException("url \"" + url
                    + "\" is not an http or https URL, such as http://localhost:3000/callbacks/order-result");
        }
        method = method == null ? "POST" : method;
        mode = mode == null ? Mode.STRUCTURED : mode;
        headers = headers == null ? Map.of() : Map.copyOf(headers);
        timeout = timeout == null ? DEFAULT_TIMEOUT : timeout;
        connections = connections == 0 ? DEFAULT_CONNECTIONS : connections;
        if (connections < 0) {
            throw new IllegalArgumentException("connections is " + connections + "; at least 1 is needed");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout is " + timeout + "; it must be positive");
        }
    }

    @Override
    public String method() {
        return java.util.Objects.requireNonNull(method);
    }

    @Override
    public Mode mode() {
        return java.util.Objects.requireNonNull(mode);
    }

    @Override
    public Duration timeout() {
        return java.util.Objects.requireNonNull(timeout);
    }
}
