// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

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
    private static final SecureRandom RANDOM = new SecureRandom();

    static LaunchMark random() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return new LaunchMark(HexFormat.of().formatHex(bytes));
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
