// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.SettledPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Positions per partition, each with its ledger, in a file that is replaced as a whole, checksummed and flushed to disk. */
final class CheckpointFile implements Checkpoint {
    private static final String NAME = "checkpoint.json";

    private final Path file;
    private final JsonMapper json = new JsonMapper();
    private final Map<String, SettledPosition> positions = new ConcurrentHashMap<>();

    /** Reads what is there; a damaged file is an error that names it (never a silent start from the beginning). */
    CheckpointFile(Path directory) throws IOException {
        this.file = directory.resolve(NAME);
        Files.createDirectories(directory);
        if (Files.exists(file)) {
            read();
        }
    }

    @Override
    public long position(String partition, long otherwise) {
        SettledPosition kept = positions.get(partition);
        return kept == null ? otherwise : kept.next();
    }

    /** What was kept beside the partition's position; empty if nothing was. */
    String ledger(String partition) {
        SettledPosition kept = positions.get(partition);
        return kept == null ? "" : kept.ledger();
    }

    /** Keeps these positions; returns when they are on disk. Called by one thread. */
    void write(Map<String, SettledPosition> moved) throws IOException {
        Map<String, SettledPosition> all = new HashMap<>(positions);
        all.putAll(moved);
        Map<String, Long> nexts = new TreeMap<>();
        Map<String, String> ledgers = new TreeMap<>();
        all.forEach((partition, kept) -> {
            nexts.put(partition, kept.next());
            if (!kept.ledger().isEmpty()) {
                ledgers.put(partition, kept.ledger());
            }
        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("crc32", checksum(all));
        document.put("positions", nexts);
        document.put("ledgers", ledgers);
        byte[] bytes = json.writeValueAsBytes(document);
        Path next = file.resolveSibling(NAME + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
        positions.putAll(moved);
    }

    private void read() throws IOException {
        try {
            if (!(json.readValue(Files.readAllBytes(file), Object.class) instanceof Map<?, ?> document)) {
                throw damaged("it is no JSON object", null);
            }
            Map<?, ?> ledgers = document.get("ledgers") instanceof Map<?, ?> all ? all : Map.of();
            Map<String, SettledPosition> found = new HashMap<>();
            if (document.get("positions") instanceof Map<?, ?> all) {
                all.forEach((partition, position) -> {
                    if (position instanceof Number number) {
                        Object ledger = ledgers.get(partition);
                        found.put(
                                partition.toString(),
                                new SettledPosition(number.longValue(), ledger == null ? "" : ledger.toString()));
                    }
                });
            }
            if (!(document.get("crc32") instanceof Number sum) || sum.longValue() != checksum(found)) {
                throw damaged("its checksum does not match", null);
            }
            positions.putAll(found);
        } catch (JacksonException e) {
            throw damaged("it is not JSON as it was written", e);
        }
    }

    private IOException damaged(String how, @org.jspecify.annotations.Nullable Throwable cause) {
        return new IOException(
                "checkpoint '" + file + "' is damaged: " + how
                        + "; restore it, or delete it to start from the beginning",
                cause);
    }

    /** A position without a ledger counts as it did before there were any, so that older files are read. */
    private static long checksum(Map<String, SettledPosition> positions) {
        CRC32 crc = new CRC32();
        new TreeMap<>(positions).forEach((partition, kept) -> {
            String ledger = kept.ledger().isEmpty() ? "" : " " + kept.ledger();
            crc.update((partition + "=" + kept.next() + ledger + ";").getBytes(StandardCharsets.UTF_8));
        });
        return crc.getValue();
    }
}
