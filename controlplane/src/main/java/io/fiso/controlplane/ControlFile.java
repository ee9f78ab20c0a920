// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How others find a running control plane: {@code control.json}, readable by its user alone. Written when the control plane is up, removed
 * at its end; one left behind by a crash is known by its process.
 *
 * @param pid the process of the control plane
 * @param processStarted tells that process apart from a later one with the same id
 * @param grpcPort where gRPC is served on 127.0.0.1
 * @param httpPort where HTTP is served on 127.0.0.1
 * @param token the bearer token that every call must carry
 * @param pipeline the pipeline of the run it was started for; empty if there is none yet
 * @param run that run; empty if there is none yet
 * @param server whether it is a server's, which has many pipelines; in its own directory neither pipeline nor run is named
 * @param tlsDirectory the directory with a certificate and key for who calls it; empty if it speaks plain text
 */
public record ControlFile(
        long pid,
        String processStarted,
        int grpcPort,
        int httpPort,
        String token,
        String pipeline,
        String run,
        boolean server,
        Optional<String> tlsDirectory) {
    /** Its name. */
    public static final String NAME = "control.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Whether the control plane that wrote it still lives. */
    public boolean alive() {
        return new ProcessIdentity(pid, processStarted).alive();
    }

    /** The address for clients. */
    public String grpcAddress() {
        return "127.0.0.1:" + grpcPort;
    }

    /** The live control plane of this directory; empty if there is none, or only a file left behind. */
    public static Optional<ControlFile> findLive(Path home) {
        return read(home).filter(ControlFile::alive);
    }

    /** The server that died or was ended in the middle of this pipeline; empty if there is none. */
    public static Optional<ControlFile> findLeftByServer(Path home) {
        return read(home).filter(file -> file.server() && !file.alive());
    }

    /** Every live control plane under a state directory, each once: the server first, then by pipeline. */
    public static List<ControlFile> allLive(Path stateHome) {
        List<ControlFile> found = new ArrayList<>();
        findLive(ControlPlaneConfig.serverDirectory(stateHome)).ifPresent(found::add);
        Path pipelines = stateHome.resolve("pipelines");
        if (Files.isDirectory(pipelines)) {
            try (Stream<Path> homes = Files.list(pipelines)) {
                homes.sorted()
                        .map(ControlFile::findLive)
                        .flatMap(Optional::stream)
                        .filter(file -> !file.server())
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + pipelines, e);
            }
        }
        return List.copyOf(found);
    }

    /** What stands in the file, dead or alive; empty if there is none or it cannot be understood. */
    static Optional<ControlFile> read(Path home) {
        try {
            return Optional.of(JSON.readValue(Files.readString(home.resolve(NAME)), ControlFile.class));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException | JacksonException _) {
            return Optional.empty();
        }
    }

    /** Writes it in one step: nobody ever reads half a file, nor one that others may read. */
    void write(Path home) throws IOException {
        PrivateFiles.write(home.resolve(NAME), JSON.writeValueAsBytes(this));
    }

    /** Removes it if it is still this control plane's own. */
    static void removeOwn(Path home, long pid) throws IOException {
        if (read(home).filter(file -> file.pid() == pid).isPresent()) {
            Files.deleteIfExists(home.resolve(NAME));
        }
    }
}
