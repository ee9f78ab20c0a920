// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.DeadLetterStream;
import io.fiso.proto.broker.v1.ChangeKeysRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.KeyEntry;
import io.fiso.proto.broker.v1.KeyOperation;
import io.fiso.proto.broker.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.fiso.proto.broker.v1.PartitionDescription;
import io.fiso.proto.broker.v1.PutKeyRequest;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.ScanKeysRequest;
import io.fiso.proto.broker.v1.ScanKeysResponse;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.proto.broker.v1.StreamsGrpc.StreamsBlockingStub;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of the broker. It stays as the sources wrote it: what became of letters stands in a key-value store beside it, one key for each letter's place.
 * Calls throw {@link BrokerFailure} for what the broker refuses, or when it is out of reach.
 */
public final class BrokerLetterStore implements LetterStore {
    private static final int READ_RECORDS = 1_000;
    private static final int READ_BYTES = 4 << 20;
    private static final int NOTES_AT_ONCE = 1_000;

    private final BrokerConnection broker;
    private final DeadLetterStream letters;
    private final String pipeline;
    private final Duration timeout;
    private final Path directory;
    private @Nullable NotesLock lock;

    /**
     * @param broker stays the caller's, who closes it
     * @param pipeline whose letters these are, for people
     * @param timeout how long the broker may take to answer
     * @param directory the pipeline's, for dead letters: who notes what becomes of letters locks out the others there
     */
    public BrokerLetterStore(
            BrokerConnection broker, DeadLetterStream letters, String pipeline, Duration timeout, Path directory) {
        this.broker = broker;
        this.letters = letters;
        this.pipeline = pipeline;
        this.timeout = timeout;
        this.directory = directory;
    }

    @Override
    public String description() {
        return "stream " + letters.stream();
    }

    @Override
    public void read(Consumer<StoredLetter> reader) {
        for (PartitionDescription partition : partitions()) {
            long at = partition.getEarliestOffset();
            while (at < partition.getEndOffset()) {
                ReadResponse read = read(partition.getPartition(), at, READ_RECORDS);
                for (StreamRecord record : read.getRecordsList()) {
                    if (record.getOffset() < partition.getEndOffset()) {
                        reader.accept(letter(partition.getPartition(), record));
                    }
                }
                if (read.getRecordsCount() == 0) {
                    break;
                }
                at = read.getNextOffset();
            }
        }
    }

    /** None if there is no such stream: it comes with the first letter. */
    private List<PartitionDescription> partitions() {
        try {
            return broker.call(() -> streams()
                            .describeStream(DescribeStreamRequest.newBuilder()
                                    .setStream(letters.stream())
                                    .build()))
                    .getPartitionsList();
        } catch (BrokerFailure e) {
            if (e.status() == Status.Code.NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    private ReadResponse read(int partition, long offset, int records) {
        ReadRequest request = ReadRequest.newBuilder()
                .setStream(letters.stream())
                .setPartition(partition)
                .setOffset(offset)
                .setRecordsMax(records)
                .setBytesMax(READ_BYTES)
                .setSkipMissing(true)
                .build();
        return broker.call(() -> streams().read(request));
    }

    @Override
    public StoredLetter load(String place) throws IOException {
        long offset = RecordedLetter.offset(place);
        int partition = RecordedLetter.partition(place);
        for (StreamRecord record : read(partition, offset, 1).getRecordsList()) {
            StoredLetter found = letter(partition, record);
            if (found.place().equals(place)) {
                return found;
            }
        }
        throw new IOException("the letter at offset " + offset + " of partition " + partition + " of " + description()
                + " is not there any more");
    }

    private static StoredLetter letter(int partition, StreamRecord record) {
        RecordedLetter letter = new RecordedLetter();
        for (RecordHeader header : record.getHeadersList()) {
            letter.header(header.getName(), header.getValue());
        }
        return letter.letter(
                partition,
                record.getOffset(),
                record.getTimestampMillis(),
                record.hasKey() ? record.getKey() : null,
                record.getPayload());
    }

    private StreamsBlockingStub streams() {
        return broker.streams().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    // ---- notes ---------------------------------------------------------------------------------------------------

    @Override
    public Map<String, Note> notes() {
        Map<String, Note> found = new HashMap<>();
        String page = "";
        do {
            ScanKeysRequest request = ScanKeysRequest.newBuilder()
                    .setStore(letters.notes())
                    .setPageSize(NOTES_AT_ONCE)
                    .setPageToken(page)
                    .build();
            ScanKeysResponse answer;
            try {
                answer = broker.call(() -> keyValues().scanKeys(request));
            } catch (BrokerFailure e) {
                if (e.status() == Status.Code.NOT_FOUND) {
                    // Nothing has become of any letter.
                    return found;
                }
                throw e;
            }
            for (KeyEntry entry : answer.getEntriesList()) {
                Note note = Note.parse(entry.getValue().toByteArray());
                if (note != null) {
                    found.put(note.place(), note);
                }
            }
            page = answer.getNextPageToken();
        } while (!page.isEmpty());
        return found;
    }

    @Override
    public void openNotes() throws IOException {
        // Not the name that the lock of a topic has: a pipeline may have a topic and a stream of one name.
        lock = NotesLock.take(
                directory.resolve(letters.name() + ".stream.lock"),
                "pipeline \"" + pipeline + "\" in " + description());
    }

    @Override
    public void write(Collection<Note> written) {
        ChangeKeysRequest.Builder changes = ChangeKeysRequest.newBuilder().setStore(letters.notes());
        for (Note note : written) {
            changes.addOperations(KeyOperation.newBuilder()
                    .setPut(PutKeyRequest.newBuilder()
                            .setKey(note.place())
                            .setValue(ByteString.copyFrom(note.toJson()))));
            if (changes.getOperationsCount() == NOTES_AT_ONCE) {
                change(changes.build());
                changes.clearOperations();
            }
        }
        if (changes.getOperationsCount() > 0) {
            change(changes.build());
        }
    }

    private void change(ChangeKeysRequest changes) {
        try {
            broker.call(() -> keyValues().changeKeys(changes));
        } catch (BrokerFailure e) {
            if (e.status() != Status.Code.NOT_FOUND) {
                throw e;
            }
            makeNotes();
            broker.call(() -> keyValues().changeKeys(changes));
        }
    }

    private void makeNotes() {
        CreateResourceRequest request = CreateResourceRequest.newBuilder()
                .setResource(Resource.newBuilder().setName(letters.notes()).setDurability(Durability.DURABILITY_FSYNC))
                .build();
        try {
            broker.call(() -> broker.resources()
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .createResource(request));
        } catch (BrokerFailure e) {
            // Another thread was quicker, or somebody made it otherwise.
            if (e.status() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private KeyValueBlockingStub keyValues() {
        return broker.keyValues().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }
}
