// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;

/** A wall clock that a test sets, for the processes that are started with its environment; nobody else's changes. */
final class SteppedClock {
    private static final String SOURCE = "/wall-clock.c";

    private final Path library;
    private final Path offset;

    private SteppedClock(Path library, Path offset) {
        this.library = library;
        this.offset = offset;
    }

    /** Builds it with the machine's C compiler. */
    static SteppedClock in(Sandbox sandbox) throws Exception {
        Path source = sandbox.directory().resolve("wall-clock.c");
        try (InputStream text = Objects.requireNonNull(SteppedClock.class.getResourceAsStream(SOURCE))) {
            Files.copy(text, source);
        }
        Path library = sandbox.directory().resolve("wall-clock.so");
        Process compiler = new ProcessBuilder(
                        "cc", "-shared", "-fPIC", "-O2", "-o", library.toString(), source.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(compiler.getInputStream().readAllBytes());
        if (compiler.waitFor() != 0) {
            throw new AssertionError("cc does not build " + source + ": " + said);
        }
        SteppedClock clock = new SteppedClock(library, sandbox.directory().resolve("wall-clock-offset"));
        clock.moveTo(Duration.ZERO);
        return clock;
    }

    /** Sets the clock to so much after the true time, or before it. */
    void moveTo(Duration fromTruth) throws IOException {
        byte[] seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(fromTruth.toSeconds())
                .array();
        // In place: the processes have mapped this file.
        Files.write(offset, seconds, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** For a component, in flow style. */
    String environment() {
        return "env: {LD_PRELOAD: \"" + library + "\", WALL_CLOCK_OFFSET: \"" + offset + "\"}";
    }

    /** For every fisoctl that is started from now on. */
    void forControlPlane(Sandbox sandbox) {
        sandbox.with("LD_PRELOAD", library.toString()).with("WALL_CLOCK_OFFSET", offset.toString());
    }
}
