// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HealthCheckTest {
    @Test
    void findsAComponentWellThatListensEverywhere() throws Exception {
        try (Answering component = new Answering(200, "ok\n")) {
            assertThat(HealthCheck.problem(listening("0.0.0.0:" + component.port())))
                    .isEmpty();
        }
    }

    @Test
    void saysWhatAnUnwellComponentSays() throws Exception {
        try (Answering component = new Answering(503, "the core thread has ended\n")) {
            assertThat(HealthCheck.problem(listening("127.0.0.1:" + component.port())))
                    .isEqualTo("the core thread has ended");
        }
    }

    @Test
    void saysWhereNobodyAnswers() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        assertThat(HealthCheck.problem(listening("0.0.0.0:" + free))).startsWith("no answer from 127.0.0.1:" + free);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9090", "0.0.0.0:0", "0.0.0.0:http"})
    void needsAPortToAsk(String listen) {
        assertThat(HealthCheck.problem(listening(listen)))
                .startsWith("FISO_HTTP_LISTEN is \"" + listen + "\", which names no port");
    }

    @Test
    void takesAnAbsentVariableForOneThatNamesNoPort() {
        assertThat(HealthCheck.problem(Map.of())).startsWith("FISO_HTTP_LISTEN is \"\"");
    }

    private static Map<String, String> listening(String address) {
        return Map.of("FISO_HTTP_LISTEN", address);
    }

    /** Something that answers like a component. */
    private static final class Answering implements AutoCloseable {
        private final HttpServer server;

        Answering(int status, String body) throws Exception {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/health", exchange -> {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
