// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process of this machine, told apart from a later one with the same id.
 *
 * @param pid its id
 * @param started what tells it apart: on Linux the boot's id and the start in clock ticks since boot, which no change of the wall clock
 *     moves; elsewhere its start in milliseconds since the epoch
 */
public record ProcessIdentity(long pid, String started) {
    private static final Path PROC = Path.of("/proc");

    /** The process that has this id now; empty if there is none, or only the remains of one that nobody has waited for. */
    public static Optional<ProcessIdentity> of(long pid) {
        return started(pid).map(started -> new ProcessIdentity(pid, started));
    }

    /** The process that asks. */
    public static ProcessIdentity ofThis() {
        return of(ProcessHandle.current().pid()).orElseThrow();
    }

    /** Whether this very process, not just one of the same id, lives. */
    public boolean alive() {
        return started(pid).filter(started::equals).isPresent();
    }

    private static Optional<String> started(long pid) {
        if (!Files.isDirectory(PROC.resolve("self"))) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .flatMap(p -> p.info().startInstant())
                    .map(start -> Long.toString(start.toEpochMilli()));
        }
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            // The second field is the program's name in parentheses, and may hold anything, parentheses included.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean dead = fields[0].equals("Z") || fields[0].equals("X");
            return dead ? Optional.empty() : Optional.of(bootId() + "/" + fields[19]);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static String bootId() throws IOException {
        return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    }
}
