// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.fiso.driver.DriverException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way to one Docker engine. Connects when it is first asked for something. It can be used after {@link #close} too, with a connection for every
 * request: containers outlive a driver, and so does the duty to end them.
 */
final class Engine implements AutoCloseable {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    static final int ANSWER_MAX_SECONDS = 25;

    private final Optional<String> host;
    private @Nullable Connection shared;
    private boolean closed;

    Engine(Optional<String> host) {
        this.host = host;
    }

    /** One client over one pool of connections. */
    private record Connection(DockerClientConfig config, DockerHttpClient http, DockerClient client)
            implements AutoCloseable {
        static Connection open(Optional<String> host) {
            DefaultDockerClientConfig.Builder builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
            host.ifPresent(builder::withDockerHost);
            DockerClientConfig config = builder.build();
            DockerHttpClient http = new ZerodepDockerHttpClient.Builder()
                    .dockerHost(config.getDockerHost())
                    .sslConfig(config.getSSLConfig())
                    .connectionTimeout(CONNECT_MAX)
                    .build();
            return new Connection(config, http, DockerClientImpl.getInstance(config, http));
        }

        @Override
        public void close() {
            try {
                client.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Asks the engine, and waits no longer than {@value #ANSWER_MAX_SECONDS} s.
     *
     * @throws DriverException {@code driver.unavailable} if there is no answer, {@code driver.refused} with the engine's own words if it refuses
     */
    <T> T ask(Function<DockerClient, T> question) throws DriverException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread.ofVirtual().name("docker-request").start(() -> {
            try {
                answer.complete(with(connection -> question.apply(connection.client())));
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(ANSWER_MAX_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw translated(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new DriverException(
                    "driver.unavailable",
                    "the Docker engine at " + address() + " did not answer within " + ANSWER_MAX_SECONDS
                            + " s; look at its log (journalctl -u docker)",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriverException("driver.interrupted", "the wait for the Docker engine was interrupted", e);
        }
    }

    /** What reads an answer while it comes. */
    interface Reader {
        void read(DockerHttpClient.Response answer) throws IOException;
    }

    /**
     * Sends a request whose answer takes as long as it takes, and reads it on this thread, which must be a platform thread.
     *
     * @throws IOException if the engine is gone, refuses, or was {@link #close}d meanwhile
     */
    void stream(DockerHttpClient.Request request, Reader reader) throws IOException {
        try {
            with(connection -> {
                try (DockerHttpClient.Response answer = connection.http().execute(request)) {
                    if (answer.getStatusCode() >= 300) {
                        throw new IOException("status " + answer.getStatusCode() + " for " + request.path());
                    }
                    reader.read(answer);
                    return Boolean.TRUE;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    private <T> T with(Function<Connection, T> use) {
        Optional<Connection> kept = shared();
        if (kept.isPresent()) {
            return use.apply(kept.get());
        }
        try (Connection own = Connection.open(host)) {
            return use.apply(own);
        }
    }

    private synchronized Optional<Connection> shared() {
        if (shared == null && !closed) {
            shared = Connection.open(host);
        }
        return closed ? Optional.empty() : Optional.ofNullable(shared);
    }

    synchronized boolean closed() {
        return closed;
    }

    String address() {
        try {
            return with(connection -> connection.config().getDockerHost().toString());
        } catch (RuntimeException _) {
            return host.orElse("its address");
        }
    }

    private DriverException translated(Throwable cause) {
        if (cause instanceof DockerException refusal) {
            return new DriverException("driver.refused", "the Docker engine refused: " + words(refusal), refusal);
        }
        return new DriverException("driver.unavailable", EngineAway.sentence(address(), cause), cause);
    }

    /** The engine's own words, out of {@code Status 404: {"message":"..."}}. */
    private static String words(DockerException refusal) {
        String text = String.valueOf(refusal.getMessage()).strip();
        int begin = text.indexOf("{\"message\":\"");
        return begin < 0 || !text.endsWith("\"}")
                ? text
                : text.substring(begin + "{\"message\":\"".length(), text.length() - 2)
                        .replace("\\\"", "\"")
                        .replace("\\n", " ")
                        .strip();
    }

    @Override
    public void close() {
        Connection toClose;
        synchronized (this) {
            closed = true;
            toClose = shared;
            shared = null;
        }
        if (toClose != null) {
            toClose.close();
        }
    }
}
