// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsink;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cloudevents.CloudEvent;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.brokeraccess.Portions;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord.Header;
import io.fiso.sdk.message.EventMessage;
import io.fiso.sdk.message.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Appends events to a stream of the broker, the order key as record key, so that order per key is order per partition. A batch is one append, which is there
 * as a whole or not at all; only one that is larger than an append can be goes in several.
 */
public final class StreamSink implements BatchEventSink {
    private static final int RECORDS_MAX = 10_000;
    /** Below the limit of a call (30 s), so that this sink gives up before it is interrupted. */
    private static final long APPEND_TIMEOUT_MILLIS = Duration.ofSeconds(20).toMillis();

    private @Nullable BrokerLink link;
    private @Nullable Portions portions;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new StreamSink(), args);
    }

    @Override
    public void open(ComponentContext context) {
        StreamSinkConfig config = context.config(StreamSinkConfig.class);
        BrokerLink open = new BrokerLink(config.target(), context);
        link = open;
        portions = new Portions(open, new EventWriter(config.mode()), RECORDS_MAX, messages -> append(open, messages));
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws Exception {
        Objects.requireNonNull(portions, "deliver before open").deliver(events, outcome);
    }

    private static void append(BrokerLink link, List<EventMessage> messages) throws IOException, InterruptedException {
        AppendRequest.Builder request =
                AppendRequest.newBuilder().setStream(link.target().name());
        messages.forEach(message -> request.addRecords(record(message)));
        link.call(broker -> broker.streams()
                .withDeadlineAfter(APPEND_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .append(request.build()));
    }

    private static NewRecord record(EventMessage message) {
        // Nobody changes these arrays any more.
        NewRecord.Builder record = NewRecord.newBuilder();
        byte[] payload = message.payload();
        if (payload != null) {
            record.setPayload(UnsafeByteOperations.unsafeWrap(payload));
        }
        byte[] key = message.key();
        if (key != null) {
            record.setKey(UnsafeByteOperations.unsafeWrap(key));
        }
        for (Header header : message.headers()) {
            byte[] value = header.value();
            record.addHeaders(RecordHeader.newBuilder()
                    .setName(header.name())
                    .setValue(value == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(value)));
        }
        return record.build();
    }

    @Override
    public void close() {
        BrokerLink open = link;
        link = null;
        if (open != null) {
            open.close();
        }
    }
}
