// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is to be written, from the command line, a file or stdin. */
final class PayloadInput {
    /** What the broker takes; more is not read into memory to hear that. */
    static final int PAYLOAD_MAX_BYTES = 4 << 20;

    private static final int BATCH_MAX = 500;
    private static final int BATCH_MAX_BYTES = 1 << 20;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A file with one or, if it ends in .jsonl, one per line; - for stdin, one per line")
    @Nullable
    String file;

    /** Takes what is written together, in order. */
    @FunctionalInterface
    interface Batches {
        void take(List<ByteString> payloads);
    }

    /** Refuses two answers to what is to be written, and none. */
    void check(@Nullable String argument) {
        if ((argument == null) == (file == null)) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    argument == null ? "there is nothing to write" : "both the argument and --file say what to write",
                    "give either the argument or --file (- for stdin)"));
        }
    }

    /** The one that there is: a file as it is, also if it has lines. */
    ByteString single(@Nullable String argument) throws IOException {
        if (argument != null) {
            return ByteString.copyFromUtf8(argument);
        }
        if ("-".equals(file)) {
            return bounded(System.in, "stdin");
        }
        try (InputStream in = Files.newInputStream(path())) {
            return bounded(in, "\"" + file + "\"");
        }
    }

    /** All that there are, in batches; from stdin as they come. */
    void read(@Nullable String argument, Batches batches) throws IOException {
        if ("-".equals(file)) {
            lines(System.in, "stdin", batches);
        } else if (file != null && (file.endsWith(".jsonl") || file.endsWith(".ndjson"))) {
            try (InputStream in = Files.newInputStream(path())) {
                lines(in, "\"" + file + "\"", batches);
            }
        } else {
            batches.take(List.of(single(argument)));
        }
    }

    /** Those before are there: whoever tries again has to know. */
    static CommandException after(String written, CommandException e) {
        Failure failure = e.failure();
        return new CommandException(
                new Failure(
                        failure.code(),
                        failure.owner(),
                        failure.exit(),
                        failure.message() + "; " + written + " before that had been added",
                        failure.remedy(),
                        failure.problems()),
                e);
    }

    private Path path() {
        Path path = Path.of(String.valueOf(file));
        if (!Files.exists(path) || Files.isDirectory(path)) {
            throw new CommandException(
                    Failure.invalid("cli.no_file", "there is no file \"" + file + "\"", "check the path"));
        }
        return path;
    }

    private static ByteString bounded(InputStream in, String what) throws IOException {
        byte[] bytes = in.readNBytes(PAYLOAD_MAX_BYTES + 1);
        if (bytes.length > PAYLOAD_MAX_BYTES) {
            throw tooLarge(what);
        }
        return ByteString.copyFrom(bytes);
    }

    private static void lines(InputStream in, String what, Batches batches) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        List<ByteString> batch = new ArrayList<>();
        int bytes = 0;
        long number = 0;
        for (ByteString line = line(buffered, what, ++number); line != null; line = line(buffered, what, ++number)) {
            if (!line.isEmpty()) {
                batch.add(line);
                bytes += line.size();
            }
            boolean full = batch.size() >= BATCH_MAX || bytes >= BATCH_MAX_BYTES;
            if (!batch.isEmpty() && (full || buffered.available() == 0)) {
                batches.take(List.copyOf(batch));
                batch.clear();
                bytes = 0;
            }
        }
        if (!batch.isEmpty()) {
            batches.take(List.copyOf(batch));
        }
    }

    /** The next, without what ends it and without blanks if it has nothing else; null at the end. */
    private static @Nullable ByteString line(BufferedInputStream in, String what, long number) throws IOException {
        ByteString.Output line = ByteString.newOutput();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            line.write(next);
            if (line.size() > PAYLOAD_MAX_BYTES) {
                throw tooLarge(what + ", line " + number);
            }
            next = in.read();
        }
        ByteString whole = line.toByteString();
        if (whole.endsWith(ByteString.copyFromUtf8("\r"))) {
            whole = whole.substring(0, whole.size() - 1);
        }
        for (byte b : whole) {
            if (b != ' ' && b != '\t') {
                return whole;
            }
        }
        return ByteString.EMPTY;
    }

    private static CommandException tooLarge(String what) {
        return new CommandException(Failure.invalid(
                "broker.payload_too_large", what + " has more than 4 MiB", "the broker takes up to 4 MiB at once"));
    }
}
