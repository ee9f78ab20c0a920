// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.sdk.SettledPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How many jobs this replica has settled, with the run's totals, in its state directory: a queue keeps no place for them. Written before jobs are acked, so
 * what is acked is counted, and a job that comes again after a crash counts as the new delivery that it is.
 */
final class LedgerFile {
    private static final String NAME = "settled";

    private final Path file;

    LedgerFile(Path directory) {
        file = directory.resolve(NAME);
    }

    /** What was written last; nothing at 0 if there is none, or it cannot be read. */
    SettledPosition read() throws IOException {
        if (!Files.exists(file)) {
            return new SettledPosition(0, "");
        }
        String text = Files.readString(file);
        int space = text.indexOf(' ');
        try {
            return new SettledPosition(
                    Long.parseLong(text.substring(0, Math.max(0, space))), text.substring(space + 1));
        } catch (NumberFormatException _) {
            // Totals only, which begin anew; no job hangs on it.
            return new SettledPosition(0, "");
        }
    }

    void write(SettledPosition position) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path next = file.resolveSibling(NAME + ".next");
        ByteBuffer bytes =
                ByteBuffer.wrap((position.next() + " " + position.ledger()).getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
