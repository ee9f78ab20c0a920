// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.AppendedRecords;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.RecordHeader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds records. */
@Command(name = "append", description = "Add records to a stream")
final class StreamAppendCommand extends BrokerVerb.Named {
    @Parameters(index = "1", arity = "0..1", paramLabel = "PAYLOAD", description = "What the record carries")
    @Nullable
    String payload;

    @Mixin
    PayloadInput input = new PayloadInput();

    @Mixin
    HeaderOptions with = new HeaderOptions();

    @Option(
            names = "--partition",
            paramLabel = "N",
            description = "Where to (default: by the key, and without one in turn)")
    @Nullable
    Integer partition;

    StreamAppendCommand(Host host) {
        super(host, ResourceNames.STREAM);
    }

    @Override
    void check() {
        input.check(payload);
        with.headers();
    }

    @Override
    Answer answer(BrokerClient client, String whole) throws IOException {
        NewRecord.Builder record = NewRecord.newBuilder();
        if (with.key != null) {
            record.setKey(ByteString.copyFromUtf8(with.key));
        }
        with.headers()
                .forEach(header -> record.addHeaders(RecordHeader.newBuilder()
                        .setName(header.name())
                        .setValue(ByteString.copyFromUtf8(header.value()))));
        Counts counts = new Counts();
        try {
            input.read(payload, payloads -> {
                AppendRequest.Builder request = AppendRequest.newBuilder().setStream(whole);
                if (partition != null) {
                    request.setPartition(partition);
                }
                payloads.forEach(bytes -> request.addRecords(record.setPayload(bytes)));
                counts.add(client.call(whole, () -> client.streams().append(request.build()))
                        .getAppendedList());
            });
        } catch (CommandException e) {
            throw counts.sum == 0 ? e : PayloadInput.after(PipelineFile.count(counts.sum, "record"), e);
        }
        if (counts.sum == 0) {
            throw new CommandException(
                    Failure.invalid("cli.no_events", "\"" + input.file + "\" has no records in it", ""));
        }
        String summary = PipelineFile.count(counts.sum, "record") + " to " + counts.where(whole);
        return Answer.ok(
                summary, Format.map("stream", whole, "appended", counts.sum, "lastOffsets", counts.last), summary);
    }

    /** What has been added so far. */
    private static final class Counts {
        long sum;
        final Map<String, Long> last = new TreeMap<>(java.util.Comparator.comparing(Integer::valueOf));

        void add(List<AppendedRecords> appended) {
            for (AppendedRecords records : appended) {
                sum += records.getRecords();
                last.put(Integer.toString(records.getPartition()), records.getFirstOffset() + records.getRecords() - 1);
            }
        }

        String where(String whole) {
            Map.Entry<String, Long> only = last.entrySet().iterator().next();
            return sum == 1 ? whole + ", partition " + only.getKey() + ", offset " + only.getValue() : whole;
        }
    }
}
