// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads a file of JSON lines from where everything before was settled. */
public final class FileSource implements EventSource {
    /** An event's limit; of a longer line so much is kept for the dead letter. */
    private static final int LINE_BYTES_MAX = 1024 * 1024;

    private static final Duration FOLLOW_INTERVAL = Duration.ofMillis(200);

    private @Nullable FileSourceConfig config;
    private @Nullable FileChannel file;
    private volatile @Nullable LineEvents events;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new FileSource(), args);
    }

    @Override
    public void open(SourceContext context) throws IOException {
        FileSourceConfig read = context.config(FileSourceConfig.class);
        Path path = Path.of(read.path());
        if (Files.isDirectory(path)) {
            throw new IOException("path \"" + path.toAbsolutePath() + "\" is a directory; name a file in it");
        }
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException _) {
            throw new NoSuchFileException("path \"" + path.toAbsolutePath() + "\" does not exist; check \"path\"");
        }
        config = read;
    }

    @Override
    public void run(SourceContext context) throws Exception {
        FileSourceConfig settings = Objects.requireNonNull(config, "run before open");
        FileChannel channel = Objects.requireNonNull(file);
        Path path = Path.of(settings.path()).toAbsolutePath();
        String partition = partition(path);
        long start = context.checkpoint().position(partition, 0);
        LineEvents lines = new LineEvents(
                path.toString(), partition, context.component(), "fiso-flow/" + context.pipeline(), settings);
        events = lines;
        LineReader reader = new LineReader(channel, start, LINE_BYTES_MAX);
        refuseTruncation(channel, path, start, context);
        while (!context.stopping()) {
            LineReader.Line line = reader.next();
            if (line != null) {
                emit(line, lines, context);
            } else if (settings.follow()) {
                refuseTruncation(channel, path, reader.position(), context);
                context.await(FOLLOW_INTERVAL);
            } else {
                LineReader.Line last = reader.unfinished();
                if (last != null) {
                    emit(last, lines, context);
                }
                return;
            }
        }
    }

    @Override
    public SourceEvent restore(OriginalRecord original) {
        LineEvents known = events;
        if (known == null) {
            throw new IllegalStateException("the file is not being read yet");
        }
        return known.convert(FileLine.readAgain(original));
    }

    private static void emit(LineReader.Line line, LineEvents events, SourceContext context)
            throws InterruptedException {
        if (!line.blank()) {
            context.emit(events.convert(line));
        }
    }

    /** A file that took the place of another under the same name is another partition, read from its beginning. */
    private static String partition(Path path) throws IOException {
        Object identity = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return identity == null ? path.toString() : path + "#" + identity;
    }

    private static void refuseTruncation(FileChannel channel, Path path, long position, SourceContext context)
            throws IOException {
        long size = channel.size();
        if (size < position) {
            throw new IOException(
                    "file \"" + path + "\" was cut: it has " + size + " bytes and was read up to byte " + position
                            + ". Nothing is skipped or read twice on its own: give the new content another name, or remove the position kept in \""
                            + context.stateDirectory() + "\"");
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
