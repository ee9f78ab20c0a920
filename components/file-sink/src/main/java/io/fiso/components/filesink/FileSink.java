// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.filesink;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.event.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Appends events to a file, one per line. A batch counts as delivered when it is on disk. */
public final class FileSink implements BatchEventSink {
    private FileSinkConfig.Format format = FileSinkConfig.Format.JSON;
    private @Nullable Path path;
    private @Nullable AppendedFile file;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new FileSink(), args);
    }

    @Override
    public void open(ComponentContext context) throws IOException {
        FileSinkConfig config = context.config(FileSinkConfig.class);
        format = config.format();
        path = Path.of(config.path());
        file = AppendedFile.open(path);
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws DeliveryException {
        ByteArrayOutputStream batch = new ByteArrayOutputStream(events.size() * 512);
        for (CloudEvent event : events) {
            batch.writeBytes(format == FileSinkConfig.Format.JSON ? JsonFormat.encodeLine(event) : payload(event));
            batch.write('\n');
        }
        try {
            open().append(batch.toByteArray());
        } catch (IOException e) {
            // A full disk empties again; the events wait for it.
            throw new DeliveryException(
                    DeliveryException.Kind.TRANSIENT,
                    "SINK_DELIVERY_FAILED",
                    "file \"" + path + "\" cannot be written: " + e.getMessage(),
                    e,
                    Optional.empty());
        }
    }

    /** The open file; a channel that an interrupt has closed is opened again. */
    private AppendedFile open() throws IOException {
        AppendedFile current = Objects.requireNonNull(file, "deliver before open");
        if (!current.isOpen()) {
            current = AppendedFile.open(Objects.requireNonNull(path));
            file = current;
        }
        return current;
    }

    private static byte[] payload(CloudEvent event) {
        CloudEventData data = event.getData();
        byte[] bytes = data == null ? new byte[0] : data.toBytes().clone();
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                bytes[i] = ' ';
            }
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        AppendedFile current = file;
        file = null;
        if (current != null) {
            current.close();
        }
    }
}
