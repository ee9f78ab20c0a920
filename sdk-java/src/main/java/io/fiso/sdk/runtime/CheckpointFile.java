// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.Checkpoint;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Positions per partition in a file that is replaced as a whole, checksummed and flushed to disk. */
final class CheckpointFile implements Checkpoint {
    private static final String NAME = "checkpoint.json";

    private final Path file;
    private final JsonMapper json = new JsonMapper();
    private final Map<String, Long> positions = new ConcurrentHashMap<>();

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
        return positions.getOrDefault(partition, otherwise);
    }

    /** Keeps these positions; returns when they are on disk. Called by one thread. */
    void write(Map<String, Long> moved) throws IOException {
        Map<String, Long> all = new HashMap<>(positions);
        all.putAll(moved);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("crc32", checksum(all));
        document.put("positions", all);
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
            Map<String, Long> found = new HashMap<>();
            if (document.get("positions") instanceof Map<?, ?> all) {
                all.forEach((partition, position) -> {
                    if (position instanceof Number number) {
                        found.put(partition.toString(), number.longValue());
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

    private static long checksum(Map<String, Long> positions) {
        CRC32 crc = new CRC32();
        positions.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        crc.update((entry.getKey() + "=" + entry.getValue() + ";").getBytes(StandardCharsets.UTF_8)));
        return crc.getValue();
    }
}
