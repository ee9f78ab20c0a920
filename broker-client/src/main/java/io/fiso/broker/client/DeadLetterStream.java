// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The stream of a broker that a pipeline's dead letters lie in. A file in the pipeline's directory names each stream that ever had one, so that nobody has
 * to start a broker to learn that there are none.
 *
 * @param stream its whole name
 */
public record DeadLetterStream(String stream) {
    private static final String NOTES_SUFFIX = "-resolved";
    private static final int NAME_MAX = 100 - NOTES_SUFFIX.length();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0," + (NAME_MAX - 1) + "}");
    private static final Pattern NO_PART_OF_NAMES = Pattern.compile("[^A-Za-z0-9._-]");
    private static final int DIGEST_DIGITS = 16;

    private static final String TENANT = "default";
    private static final String MARK_SUFFIX = ".stream";

    /**
     * Where letters of this pipeline go.
     *
     * @param topic what they are said to go to; a broker's names are shorter than Kafka's, so one that is too long, or does not begin with a letter or digit,
     *     stands there shortened and with a digest of it
     */
    public static DeadLetterStream of(String pipeline, String topic) {
        return new DeadLetterStream(String.join("/", TENANT, pipeline, ResourceNames.STREAM.kind(), nameFor(topic)));
    }

    private static String nameFor(String topic) {
        if (NAME.matcher(topic).matches()) {
            return topic;
        }
        String begin = "dlq-" + NO_PART_OF_NAMES.matcher(topic).replaceAll("-");
        String end = "-" + digest(topic);
        return begin.substring(0, Math.min(begin.length(), NAME_MAX - end.length())) + end;
    }

    private static String digest(String topic) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(topic.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGEST_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The last part of its name. */
    public String name() {
        return stream.substring(stream.lastIndexOf('/') + 1);
    }

    /** The key-value store beside it in which it is noted what became of letters. */
    public String notes() {
        String[] parts = stream.split("/", -1);
        return String.join("/", parts[0], parts[1], ResourceNames.KEY_VALUE.kind(), parts[3] + NOTES_SUFFIX);
    }

    /**
     * Those that letters of a pipeline ever went to, by name.
     *
     * @param directory the pipeline's, for dead letters
     */
    public static List<DeadLetterStream> marked(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<DeadLetterStream> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(one -> one.getFileName().toString().endsWith(MARK_SUFFIX))
                    .sorted()
                    .toList()) {
                found.add(new DeadLetterStream(
                        ResourceNames.STREAM.whole(Files.readString(file).strip())));
            }
        }
        return found;
    }

    /**
     * Says there that letters lie in this stream; durable when it returns. Does nothing if it is said already.
     *
     * @param directory the pipeline's, for dead letters; made if it is not there
     */
    public void mark(Path directory) throws IOException {
        Path file = directory.resolve(name() + MARK_SUFFIX);
        if (Files.exists(file)) {
            return;
        }
        Files.createDirectories(directory);
        // Of several sources at once each writes a file of its own, and the last one stays: they say the same.
        Path next = Files.createTempFile(directory, name(), ".tmp");
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap((stream + "\n").getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }
}
