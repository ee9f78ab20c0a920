// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import io.fiso.sdk.OriginalRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line as the original of an event.
 *
 * @param file the file's path
 * @param line the line
 */
record FileLine(String file, LineReader.Line line) implements OriginalRecord {
    private static final String LENGTH = "fiso-original-length";

    /** The line of a dead letter. */
    static LineReader.Line readAgain(OriginalRecord original) {
        byte[] value = original.value();
        byte[] bytes = value == null ? new byte[0] : value;
        long length = bytes.length;
        for (Header header : original.headers()) {
            byte[] written = header.value();
            if (header.name().equals(LENGTH) && written != null) {
                length = Long.parseLong(new String(written, StandardCharsets.US_ASCII));
            }
        }
        return new LineReader.Line(original.offset(), length, bytes, true);
    }

    @Override
    public String origin() {
        return file;
    }

    @Override
    public int partition() {
        return -1;
    }

    @Override
    public long offset() {
        return line.start();
    }

    @Override
    public long timestampMillis() {
        return -1;
    }

    @Override
    public byte @Nullable [] key() {
        return null;
    }

    @Override
    public byte[] value() {
        return line.bytes();
    }

    /** Of a line that is larger than what is kept, how long it is: the rest still stands in the file. */
    @Override
    public List<Header> headers() {
        return line.truncated()
                ? List.of(new Header(LENGTH, Long.toString(line.length()).getBytes(StandardCharsets.US_ASCII)))
                : List.of();
    }
}
