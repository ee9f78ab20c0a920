// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import com.google.protobuf.ByteString;
import io.fiso.proto.stream.v1.OriginalHeader;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file that a source appends its dead letters to, one line of JSON each. It stays as the source wrote it: what became of letters stands in a
 * journal beside it.
 */
public final class FileLetterStore implements LetterStore {
    private static final String SUFFIX = ".jsonl";
    private static final String JOURNAL_SUFFIX = ".resolved.jsonl";
    private static final String SPILL_SUFFIX = "-too-large.jsonl";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Path journal;
    private @Nullable FileChannel notes;

    FileLetterStore(Path file) {
        this.file = file;
        this.journal = file.resolveSibling(source() + JOURNAL_SUFFIX);
    }

    /** The stores of a pipeline's sources in this directory. */
    public static List<FileLetterStore> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> isStore(file.getFileName().toString()))
                    .sorted()
                    .map(FileLetterStore::new)
                    .toList();
        }
    }

    private static boolean isStore(String name) {
        return name.endsWith(SUFFIX) && !name.endsWith(JOURNAL_SUFFIX) && !name.endsWith(SPILL_SUFFIX);
    }

    private String source() {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }

    @Override
    public String description() {
        return "file " + file;
    }

    @Override
    public void read(Consumer<StoredLetter> reader) throws IOException {
        read(file, 0, (at, line) -> {
            reader.accept(letter(at, line));
            return true;
        });
    }

    @Override
    public StoredLetter load(String place) throws IOException {
        long at = Long.parseLong(place.substring(0, place.indexOf('/')));
        StoredLetter[] found = new StoredLetter[1];
        read(file, at, (start, line) -> {
            found[0] = letter(start, line);
            return false;
        });
        if (found[0] == null || !found[0].place().equals(place)) {
            throw new IOException("the letter at byte " + at + " of " + file + " is not there any more");
        }
        return found[0];
    }

    private StoredLetter letter(long at, byte[] line) throws IOException {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JacksonException e) {
            throw new IOException(
                    file + ", byte " + at + ": this is no dead letter (" + e.getOriginalMessage()
                            + "); repair the line or move it elsewhere",
                    e);
        }
        Map<String, String> facts = new LinkedHashMap<>();
        node.path("headers")
                .properties()
                .forEach(fact -> facts.put(fact.getKey(), fact.getValue().asString("")));
        facts.putIfAbsent("fiso-source-component", source());
        facts.computeIfAbsent("fiso-event-id", _ -> node.path("eventId").asString(""));
        return new StoredLetter(
                at + "/" + facts.getOrDefault(StoredLetter.FAILED_AT, ""), facts, original(node, facts), "", true);
    }

    /** The record of a line in a store or in a spill file. */
    static OriginalRecord original(JsonNode line, Map<String, String> facts) {
        OriginalRecord.Builder original = OriginalRecord.newBuilder()
                .setOrigin(facts.getOrDefault("fiso-original-topic", ""))
                .setPartition(line.path("partition").asInt(-1))
                .setOffset(line.path("offset").asLong(-1))
                .setTimestampMillis(line.path("timestamp").asLong(-1));
        if (line.hasNonNull("key")) {
            original.setKey(bytes(line.get("key")));
        }
        if (line.hasNonNull("value")) {
            original.setValue(bytes(line.get("value")));
        }
        for (JsonNode header : line.path("originalHeaders")) {
            OriginalHeader.Builder one =
                    OriginalHeader.newBuilder().setName(header.path("name").asString(""));
            if (header.hasNonNull("value")) {
                one.setValue(bytes(header.get("value")));
            }
            original.addHeaders(one);
        }
        return original.build();
    }

    private static ByteString bytes(JsonNode base64) {
        return ByteString.copyFrom(Base64.getDecoder().decode(base64.asString("")));
    }

    /** Finds the record of a letter that its store would not take. */
    static OriginalRecord spilled(Path spillFile, StoredLetter pointer) throws IOException {
        if (!Files.exists(spillFile)) {
            throw new IOException("its record was too large for the store and lies in " + spillFile
                    + ", which is not here; replay it on the machine that ran the source");
        }
        OriginalRecord wanted = pointer.original();
        OriginalRecord[] found = new OriginalRecord[1];
        read(spillFile, 0, (_, line) -> {
            JsonNode node = JSON.readTree(line);
            Map<String, String> facts = new HashMap<>();
            node.path("headers")
                    .properties()
                    .forEach(fact -> facts.put(fact.getKey(), fact.getValue().asString("")));
            OriginalRecord original = original(node, facts);
            boolean same = original.getOrigin().equals(wanted.getOrigin())
                    && original.getPartition() == wanted.getPartition()
                    && original.getOffset() == wanted.getOffset()
                    && original.getTimestampMillis() == wanted.getTimestampMillis();
            found[0] = same ? original : found[0];
            return !same;
        });
        if (found[0] == null) {
            throw new IOException("its record was too large for the store, and is not in " + spillFile + " any more");
        }
        return found[0];
    }

    @Override
    public Map<String, Note> notes() throws IOException {
        Map<String, Note> last = new HashMap<>();
        if (Files.exists(journal)) {
            read(journal, 0, (_, line) -> {
                Note note = Note.parse(line);
                if (note != null) {
                    last.put(note.place(), note);
                }
                return true;
            });
        }
        return last;
    }

    @Override
    public void openNotes() throws IOException {
        FileChannel opened = NotesLock.open(
                journal, description(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        notes = opened;
        opened.position(endOfLastLine(opened));
    }

    @Override
    public synchronized void write(Collection<Note> written) throws IOException {
        FileChannel journalled = Objects.requireNonNull(notes, "notes are not open");
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Note note : written) {
            lines.writeBytes(note.toJson());
            lines.write('\n');
        }
        ByteBuffer buffer = ByteBuffer.wrap(lines.toByteArray());
        long begin = journalled.position();
        try {
            while (buffer.hasRemaining()) {
                journalled.write(buffer);
            }
            journalled.force(false);
        } catch (IOException e) {
            // Half a line must not join the next attempt's first.
            journalled.truncate(begin);
            throw e;
        }
    }

    /** A crash may have left half a line. */
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

    @Override
    public void close() throws IOException {
        FileChannel open = notes;
        notes = null;
        if (open != null) {
            open.close();
        }
    }

    /** Takes a line and where it starts; false ends the reading. */
    private interface LineReader {
        boolean line(long at, byte[] line) throws IOException;
    }

    /** Reads whole lines: one that is not ended yet is still being written. */
    private static void read(Path file, long from, LineReader reader) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            in.skipNBytes(Math.min(from, Files.size(file)));
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            long start = from;
            long at = from;
            for (int next = in.read(); next >= 0; next = in.read()) {
                at++;
                if (next != '\n') {
                    line.write(next);
                    continue;
                }
                if (line.size() > 0 && !reader.line(start, line.toByteArray())) {
                    return;
                }
                line.reset();
                start = at;
            }
        }
    }
}
