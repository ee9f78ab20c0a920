// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.StoredLetter;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.proto.stream.v1.OriginalHeader;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Dead letters for people and for programs. */
final class LetterText {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int HEX_PER_LINE = 16;
    private static final int HEX_BYTES_MAX = 4_096;

    private LetterText() {}

    static Table table(List<Letter> letters, boolean withState) {
        Table table = withState
                ? new Table("ID", "WHEN", "STATE", "COMPONENT", "CODE", "ATTEMPTS", "KEY", "MESSAGE")
                : new Table("ID", "WHEN", "COMPONENT", "CODE", "ATTEMPTS", "KEY", "MESSAGE");
        for (Letter letter : letters) {
            List<Object> cells =
                    new ArrayList<>(List.of(letter.id(), letter.failedAt().truncatedTo(ChronoUnit.SECONDS)));
            if (withState) {
                cells.add(letter.state());
            }
            cells.addAll(List.of(
                    letter.component(), letter.code(), letter.attempts(), key(letter), oneLine(letter.message())));
            table.row(cells.toArray());
        }
        return table;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    private static String key(Letter letter) {
        OriginalRecord original = letter.newest().original();
        return original.hasKey() ? oneLine(readable(original.getKey())) : "-";
    }

    /** What every listing says of a letter. */
    static Map<String, @Nullable Object> data(Letter letter) {
        StoredLetter newest = letter.newest();
        OriginalRecord original = newest.original();
        return Format.map(
                "id",
                letter.id(),
                "state",
                letter.state().name(),
                "failedAt",
                letter.failedAt().toString(),
                "source",
                newest.source(),
                "component",
                letter.component(),
                "code",
                letter.code(),
                "message",
                letter.message(),
                "attempts",
                letter.attempts(),
                "key",
                original.hasKey() ? readable(original.getKey()) : null,
                "topic",
                original.getOrigin(),
                "partition",
                original.getPartition(),
                "offset",
                original.getOffset(),
                "eventId",
                newest.eventId(),
                "correlationId",
                newest.correlationId(),
                "store",
                letter.store().description());
    }

    /** Everything, the record among it. */
    static Map<String, @Nullable Object> data(Letter letter, OriginalRecord original) {
        Map<String, @Nullable Object> data = data(letter);
        data.put(
                "timestamp",
                original.getTimestampMillis() < 0
                        ? null
                        : Instant.ofEpochMilli(original.getTimestampMillis()).toString());
        data.put("key", original.hasKey() ? readable(original.getKey()) : null);
        List<Object> headers = new ArrayList<>();
        for (OriginalHeader header : original.getHeadersList()) {
            headers.add(Format.map(
                    "name", header.getName(), "value", header.hasValue() ? readable(header.getValue()) : null));
        }
        data.put("headers", headers);
        if (!original.hasValue()) {
            data.put("value", null);
            return data;
        }
        byte[] value = original.getValue().toByteArray();
        JsonNode json = json(value);
        String text = text(value);
        if (json != null) {
            data.put("value", Format.parse(new String(value, StandardCharsets.UTF_8)));
            data.put("valueFormat", "json");
        } else {
            data.put("value", text == null ? Base64.getEncoder().encodeToString(value) : text);
            data.put("valueFormat", text == null ? "base64" : "text");
        }
        return data;
    }

    static String text(Letter letter, OriginalRecord original, int width) {
        Table facts = new Table("DEAD LETTER", letter.id());
        facts.row("state", letter.state());
        facts.row("failed at", letter.failedAt());
        facts.row("component", letter.component());
        facts.row("code", letter.code());
        facts.row("attempts", letter.attempts());
        facts.row("event id", letter.newest().eventId());
        facts.row("correlation id", letter.newest().correlationId());
        facts.row("source", letter.newest().source());
        facts.row(
                "read from",
                original.getOrigin() + ", partition " + original.getPartition() + ", offset " + original.getOffset());
        if (original.getTimestampMillis() >= 0) {
            facts.row("timestamp", Instant.ofEpochMilli(original.getTimestampMillis()));
        }
        facts.row("key", original.hasKey() ? readable(original.getKey()) : "(none)");
        facts.row("stored in", letter.store().description());
        StringBuilder text = new StringBuilder(facts.render(Math.max(width, 200)));
        text.append("\n\nmessage\n  ").append(letter.message().replace("\n", "\n  "));
        if (original.getHeadersCount() > 0) {
            text.append("\n\nheaders");
            original.getHeadersList()
                    .forEach(header -> text.append("\n  ")
                            .append(header.getName())
                            .append(": ")
                            .append(readable(header.getValue())));
        }
        return text.append("\n\nvalue\n")
                .append(original.hasValue() ? value(original.getValue().toByteArray()) : "(none: a tombstone)")
                .toString();
    }

    private static String value(byte[] value) {
        JsonNode json = json(value);
        if (json != null) {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
        }
        String text = text(value);
        return text == null ? hex(value) : text;
    }

    private static String hex(byte[] value) {
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < Math.min(value.length, HEX_BYTES_MAX); at += HEX_PER_LINE) {
            int end = Math.min(value.length, at + HEX_PER_LINE);
            lines.add("%06x  %s".formatted(at, HexFormat.ofDelimiter(" ").formatHex(value, at, end)));
        }
        if (value.length > HEX_BYTES_MAX) {
            lines.add("… " + (value.length - HEX_BYTES_MAX) + " more bytes; -o json shows all");
        }
        return String.join("\n", lines);
    }

    /** Text as it is; other bytes in base64, marked as such. */
    static String readable(ByteString bytes) {
        String text = text(bytes.toByteArray());
        return text == null ? "base64:" + Base64.getEncoder().encodeToString(bytes.toByteArray()) : text;
    }

    private static @Nullable String text(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.chars().allMatch(c -> c >= ' ' || Character.isWhitespace(c)) ? text : null;
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static @Nullable JsonNode json(byte[] value) {
        try {
            JsonNode node = JSON.readTree(value);
            return node.isMissingNode() ? null : node;
        } catch (JacksonException _) {
            return null;
        }
    }

    /** The payload: of a structured CloudEvent its data, of anything else the value. */
    static byte[] payload(byte[] value) {
        if (!new String(value, StandardCharsets.ISO_8859_1).contains("\"specversion\"")) {
            return value;
        }
        JsonNode node = json(value);
        if (node == null || !node.has("specversion") || !node.has("id") || !node.has("source")) {
            return value;
        }
        JsonNode data = node.path("data");
        return data.isMissingNode() ? new byte[0] : data.toString().getBytes(StandardCharsets.UTF_8);
    }
}
