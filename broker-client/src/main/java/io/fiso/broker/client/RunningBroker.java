// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A broker that runs on this machine, as it says in the file {@code running.json} in its directory, which only its owner may read.
 *
 * @param pid its process
 * @param started when that process began, in milliseconds, so that another one of the same number is not taken for it; 0 if the system does not say
 * @param grpcPort on 127.0.0.1
 * @param httpPort on 127.0.0.1
 * @param token good for everything
 */
public record RunningBroker(long pid, long started, int grpcPort, int httpPort, String token) {
    private static final String NAME = "running.json";
    private static final JsonMapper JSON = new JsonMapper();

    /** This process, with these. */
    public static RunningBroker here(int grpcPort, int httpPort, String token) {
        ProcessHandle self = ProcessHandle.current();
        return new RunningBroker(self.pid(), startOf(self), grpcPort, httpPort, token);
    }

    /** The one that has this directory and is alive; a file that is left of a dead one, or cannot be read, is as good as none. */
    public static Optional<RunningBroker> find(Path directory) {
        try {
            RunningBroker said = JSON.readValue(Files.readAllBytes(directory.resolve(NAME)), RunningBroker.class);
            return ProcessHandle.of(said.pid())
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> startOf(process) == said.started())
                    .map(_ -> said);
        } catch (IOException | JacksonException _) {
            return Optional.empty();
        }
    }

    public BrokerAddress address() {
        return new BrokerAddress("127.0.0.1", grpcPort, token);
    }

    /** Says so; what was said before is replaced at once. */
    public void write(Path directory) throws IOException {
        Path next = Files.createTempFile(
                directory,
                NAME,
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(next, JSON.writeValueAsBytes(this));
        Files.move(next, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes it back, if it is still this one that is said. */
    public void remove(Path directory) throws IOException {
        if (find(directory).filter(this::equals).isPresent()) {
            Files.deleteIfExists(directory.resolve(NAME));
        }
    }

    private static long startOf(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    /** Without its token. */
    @Override
    public String toString() {
        return "broker of process " + pid + ", gRPC " + grpcPort + ", HTTP " + httpPort;
    }
}
