// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import io.fiso.driver.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A random mark in the environment of one launch, inherited by whatever that process starts. It proves that a process is the one that was
 * started, where its id and start time alone would leave a doubt, and finds descendants that left the process group.
 *
 * @param value 128 bits in hex; no secret
 */
record LaunchMark(String value) {
    /** The variable that holds it. */
    static final String VARIABLE = "FISO_LAUNCH";

    private static final Path PROC = Path.of("/proc");

    /** The living process that was launched: of those that carry the mark and lead a session, the oldest. */
    Optional<ProcessIdentity> leader() {
        return holders().stream()
                .map(LaunchMark::stat)
                .flatMap(Optional::stream)
                .filter(Stat::leadsItsSession)
                .min(Comparator.comparingLong(Stat::startTicks))
                .flatMap(stat -> ProcessIdentity.of(stat.pid()));
    }

    private record Stat(long pid, long session, long startTicks) {
        boolean leadsItsSession() {
            return session == pid;
        }
    }

    private static Optional<Stat> stat(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            // What follows the program's name in parentheses begins with the third field.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Stat(pid, Long.parseLong(fields[3]), Long.parseLong(fields[19])));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** Whether this process carries the mark; false if that cannot be read. */
    boolean isOn(long pid) {
        try {
            String environment =
                    Files.readString(PROC.resolve(Long.toString(pid)).resolve("environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + VARIABLE + "=" + value + "\0");
        } catch (IOException _) {
            return false;
        }
    }

    /** Every living process that carries the mark. */
    List<Long> holders() {
        List<Long> holders = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (isOn(pid)) {
                    holders.add(pid);
                }
            }
        } catch (IOException | RuntimeException _) {
            // No /proc: the process group is all there is to go by.
            return List.of();
        }
        return holders;
    }
}
