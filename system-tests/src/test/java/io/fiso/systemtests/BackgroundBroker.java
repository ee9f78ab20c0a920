// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A broker that nobody started by hand: a run asked for it. */
record BackgroundBroker(long pid, int port) {
    /** The one that says so in this state home and is alive. */
    static Optional<BackgroundBroker> of(Path stateHome) {
        try {
            JsonNode said = JsonMapper.shared()
                    .readTree(Files.readAllBytes(stateHome.resolve("broker").resolve("running.json")));
            return Optional.of(new BackgroundBroker(
                            said.path("pid").asLong(), said.path("grpcPort").asInt()))
                    .filter(BackgroundBroker::isAlive);
        } catch (IOException | JacksonException _) {
            return Optional.empty();
        }
    }

    boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** kill -9. */
    void kill() throws Exception {
        FisoctlProcess.kill("KILL", Long.toString(pid));
    }

    /** Ends every broker of this state home, those too that have not said yet where they are. */
    static void endAll(Path stateHome) throws Exception {
        for (ProcessHandle process : under(stateHome)) {
            process.destroyForcibly();
            process.onExit().get(120, TimeUnit.SECONDS);
        }
    }

    private static List<ProcessHandle> under(Path stateHome) throws IOException {
        String arguments = "\0broker\0--data\0" + stateHome.resolve("broker") + "\0";
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .filter(entry -> commandLine(entry).contains(arguments))
                    .flatMap(entry ->
                            ProcessHandle.of(Long.parseLong(entry.getFileName().toString())).stream())
                    .toList();
        }
    }

    private static String commandLine(Path entry) {
        try {
            return Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            // Gone meanwhile, or not ours to read.
            return "";
        }
    }
}
