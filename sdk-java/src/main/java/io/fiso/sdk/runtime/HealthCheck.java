// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Asks the component that runs beside it, in the same container, for {@code /health}: exit status 0 if it is alive and well, else 1 and one line
 * that says why. For images in which there is no shell and no curl. It is started every half minute, so it loads next to nothing: a plain socket, HTTP/1.0.
 */
public final class HealthCheck {
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int ANSWER_BYTES_MAX = 4_096;

    private HealthCheck() {}

    /** Where it listens is what the component was told: {@code FISO_HTTP_LISTEN}. */
    public static void main(String[] args) {
        String problem = problem(System.getenv());
        if (!problem.isEmpty()) {
            System.out.println(problem);
            System.exit(1);
        }
    }

    /** Empty if it is well, else what is wrong. */
    static String problem(Map<String, String> variables) {
        String listen = variables.getOrDefault("FISO_HTTP_LISTEN", "");
        int colon = listen.lastIndexOf(':');
        String port = listen.substring(colon + 1);
        if (colon < 1 || !port.matches("[1-9][0-9]{0,4}")) {
            return "FISO_HTTP_LISTEN is \"" + listen + "\", which names no port to ask; set it to 0.0.0.0:9090, say";
        }
        String host = reachable(listen.substring(0, colon));
        try {
            return ask(host, Integer.parseInt(port));
        } catch (IOException | IllegalArgumentException e) {
            return "no answer from " + host + ":" + port + ": " + e.getMessage();
        }
    }

    /** One cannot connect to "every address", but to what then listens at the loopback address. */
    private static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "[::]" -> "::1";
            default -> host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        };
    }

    private static String ask(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write("GET /health HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
            if (answer.startsWith("HTTP/1.") && answer.startsWith(" 200 ", "HTTP/1.x".length())) {
                return "";
            }
            int body = answer.indexOf("\r\n\r\n");
            return body < 0
                    ? "an answer that is no HTTP"
                    : answer.substring(body).strip();
        }
    }
}
