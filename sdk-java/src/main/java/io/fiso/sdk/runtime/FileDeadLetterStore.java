// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.OriginalRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Dead letters as lines of JSON in a file, on disk before they count as written. Also the spill file for what another store refuses. */
final class FileDeadLetterStore implements DeadLetterStore {
    private final Path file;
    private final JsonMapper json = new JsonMapper();
    private @Nullable FileChannel channel;

    FileDeadLetterStore(Path file) {
        this.file = file;
    }

    @Override
    public String description() {
        return "file " + file;
    }

    @Override
    public void write(List<DeadLetter> letters) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (DeadLetter letter : letters) {
            lines.writeBytes(json.writeValueAsBytes(document(letter)));
            lines.write('\n');
        }
        FileChannel open = open();
        long begin = open.size();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(lines.toByteArray());
            while (buffer.hasRemaining()) {
                open.write(buffer);
            }
            open.force(false);
        } catch (IOException e) {
            // Half a line must not join the next attempt's first.
            open.truncate(begin);
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private FileChannel open() throws IOException {
        FileChannel present = channel;
        if (present == null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            present = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            present.position(endOfLastLine(present));
            channel = present;
        }
        return present;
    }

    /** A crash may have left half a line: the letter in it was never counted as written. */
    private static long endOfLastLine(FileChannel file) throws IOException {
        long end = file.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0) {
            one.clear();
            file.read(one, end - 1);
            if (one.get(0) == '\n') {
                break;
            }
            end--;
        }
        file.truncate(end);
        return end;
    }

    private static Map<String, @Nullable Object> document(DeadLetter letter) {
        OriginalRecord original = letter.original();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("eventId", letter.eventId());
        document.put("headers", letter.headers());
        document.put("partition", original.partition());
        document.put("offset", original.offset());
        document.put("timestamp", original.timestampMillis());
        document.put("key", base64(original.key()));
        document.put("value", base64(original.value()));
        List<Map<String, @Nullable Object>> headers = new ArrayList<>();
        for (OriginalRecord.Header header : original.headers()) {
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("name", header.name());
            entry.put("value", base64(header.value()));
            headers.add(entry);
        }
        document.put("originalHeaders", headers);
        return document;
    }

    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }
}
