// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.MalformedEventException;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Makes events of lines. A structured CloudEvent passes as it is, any other JSON becomes the data of one, and the rest are failures at their place. */
final class LineEvents {
    private static final String WRAP_FAILED = "CLOUDEVENT_WRAP_FAILED";

    private final String file;
    private final String partition;
    private final String component;
    private final String source;
    private final FileSourceConfig config;
    private final byte[] fileKey;

    LineEvents(String file, String partition, String component, String source, FileSourceConfig config) {
        this.file = file;
        this.partition = partition;
        this.component = component;
        this.source = source;
        this.config = config;
        this.fileKey = file.getBytes(StandardCharsets.UTF_8);
    }

    SourceEvent convert(LineReader.Line line) {
        FileLine original = new FileLine(file, line);
        if (line.truncated()) {
            return failed(
                    DeliveryException.permanent(
                            "EVENT_TOO_LARGE",
                            "the line has " + line.length() + " bytes; " + line.bytes().length + " are allowed"),
                    original);
        }
        JsonLine json = JsonLine.read(line.bytes(), config.key());
        String problem = json.problem();
        if (problem != null) {
            String hint = line.ended()
                    ? ""
                    : "; it is the last line and no newline ends it: was the file still being written?";
            return failed(
                    DeliveryException.permanent(WRAP_FAILED, "the line is not JSON: " + problem + hint), original);
        }
        byte[] key = json.key();
        return SourceEvent.of(event(line, json), partition, line.lastByte(), key == null ? fileKey : key, original);
    }

    private SourceEvent failed(DeliveryException failure, FileLine original) {
        return SourceEvent.failed(failure, partition, original.line().lastByte(), fileKey, original);
    }

    private CloudEvent event(LineReader.Line line, JsonLine json) {
        if (json.looksLikeCloudEvent()) {
            try {
                return JsonFormat.decode(line.bytes());
            } catch (MalformedEventException _) {
                // It only looked like one; it is data.
            }
        }
        String id = id(line);
        return WireEvent.builder()
                .id(id)
                .source(source)
                .type(config.eventType())
                .json(line.bytes())
                .attribute("correlationid", id)
                .build();
    }

    /** The same line at the same place has the same id; another line there, in a file that took the place of this one, has not. */
    private String id(LineReader.Line line) {
        CRC32C checksum = new CRC32C();
        checksum.update(line.bytes());
        return component + "-" + line.start() + "-" + Long.toHexString(checksum.getValue());
    }
}
