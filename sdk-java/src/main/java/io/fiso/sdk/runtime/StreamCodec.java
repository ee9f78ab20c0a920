// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.proto.stream.v1.Continuation;
import io.fiso.proto.stream.v1.Credit;
import io.fiso.proto.stream.v1.EndOfStream;
import io.fiso.proto.stream.v1.Range;
import io.fiso.proto.stream.v1.Recall;
import io.fiso.proto.stream.v1.RefusalReason;
import io.fiso.proto.stream.v1.Refused;
import io.fiso.proto.stream.v1.Settle;
import io.fiso.proto.stream.v1.SettledRange;
import io.fiso.proto.stream.v1.SubscribeMode;
import io.fiso.proto.stream.v1.SubscribeRequest;
import io.fiso.proto.stream.v1.SubscribeResponse;
import io.fiso.sdk.delivery.Accepted;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.ProtocolException;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Refusal;
import io.fiso.sdk.delivery.Settlement;
import io.fiso.sdk.delivery.SubscriberCall;
import io.fiso.sdk.delivery.UpstreamCall;

/**
 * Between the core's words and the bytes of {@code fiso.stream.v1}. Batches, which carry the events, are written and read by hand and their events
 * never parsed; everything else is rare, and goes through the generated classes.
 */
final class StreamCodec {
    private static final int BATCH_TAG = tag(SubscribeResponse.BATCH_FIELD_NUMBER);
    private static final int FIRST_SEQUENCE_TAG = 1 << 3;
    private static final int RECORD_TAG = tag(2);
    private static final int SETTLED_UP_TO_TAG = 3 << 3;
    private static final int EVENT_TAG = tag(1);
    private static final int ORDER_KEY_TAG = tag(2);
    private static final int FLAGS_TAG = 3 << 3;

    private StreamCodec() {}

    static byte[] batch(long firstSequence, Records records, long settledUpTo) {
        int count = records.size();
        int size = 0;
        for (int index = 0; index < count; index++) {
            int record = recordSize(records, index);
            size += 1 + varintSize(record) + record;
        }
        size += firstSequence == 0 ? 0 : 1 + varintSize(firstSequence);
        size += settledUpTo == 0 ? 0 : 1 + varintSize(settledUpTo);
        byte[] bytes = new byte[1 + varintSize(size) + size];
        bytes[0] = (byte) BATCH_TAG;
        int at = varint(bytes, 1, size);
        if (firstSequence != 0) {
            bytes[at++] = (byte) FIRST_SEQUENCE_TAG;
            at = varint(bytes, at, firstSequence);
        }
        for (int index = 0; index < count; index++) {
            bytes[at++] = (byte) RECORD_TAG;
            at = varint(bytes, at, recordSize(records, index));
            at = delimited(bytes, at, EVENT_TAG, records.buffer(index), records.offset(index), records.length(index));
            int keyLength = records.keyLength(index);
            if (keyLength > 0) {
                at = delimited(bytes, at, ORDER_KEY_TAG, records.keyBuffer(index), records.keyOffset(index), keyLength);
            }
            if (records.flags(index) != 0) {
                bytes[at++] = (byte) FLAGS_TAG;
                at = varint(bytes, at, records.flags(index));
            }
        }
        if (settledUpTo != 0) {
            bytes[at++] = (byte) SETTLED_UP_TO_TAG;
            at = varint(bytes, at, settledUpTo);
        }
        if (at != bytes.length) {
            throw new IllegalStateException("batch of " + bytes.length + " bytes filled up to " + at);
        }
        return bytes;
    }

    static byte[] accepted(Accepted accepted) {
        return SubscribeResponse.newBuilder()
                .setAccepted(io.fiso.proto.stream.v1.Accepted.newBuilder()
                        .setEmitterGeneration(accepted.emitterGeneration())
                        .setEpoch(accepted.epoch())
                        .setContinuation(
                                accepted.continues()
                                        ? Continuation.CONTINUATION_CONTINUE
                                        : Continuation.CONTINUATION_RESET)
                        .setNextSequence(accepted.nextSequence())
                        .setMaxEventBytes(accepted.maxEventBytes()))
                .build()
                .toByteArray();
    }

    static byte[] refused(Refusal reason, String message) {
        return SubscribeResponse.newBuilder()
                .setRefused(Refused.newBuilder()
                        .setReason(RefusalReason.valueOf("REFUSAL_REASON_" + reason.name()))
                        .setMessage(message))
                .build()
                .toByteArray();
    }

    static byte[] recall(long first, long last) {
        return SubscribeResponse.newBuilder()
                .setRecall(Recall.newBuilder()
                        .addRanges(Range.newBuilder().setFirst(first).setLast(last)))
                .build()
                .toByteArray();
    }

    static byte[] endOfStream(long lastSequence) {
        return SubscribeResponse.newBuilder()
                .setEndOfStream(EndOfStream.newBuilder().setLastSequence(lastSequence))
                .build()
                .toByteArray();
    }

    static byte[] open(Open open) {
        io.fiso.proto.stream.v1.Open.Builder message = io.fiso.proto.stream.v1.Open.newBuilder()
                .setRun(open.run())
                .setEdge(open.edge())
                .setSubscriber(open.subscriber())
                .setReplica(open.replica())
                .setInstance(open.instance())
                .setGeneration(open.generation())
                .setMode(open.observe() ? SubscribeMode.SUBSCRIBE_MODE_OBSERVE : SubscribeMode.SUBSCRIBE_MODE_SETTLE);
        Open.Resume resume = open.resume();
        if (resume != null) {
            message.setResume(io.fiso.proto.stream.v1.Resume.newBuilder()
                    .setEmitterGeneration(resume.emitterGeneration())
                    .setEpoch(resume.epoch())
                    .setReceivedUpTo(resume.receivedUpTo())
                    .setSettledUpTo(resume.settledUpTo()));
        }
        return SubscribeRequest.newBuilder().setOpen(message).build().toByteArray();
    }

    static byte[] credit(long events, long bytes) {
        return SubscribeRequest.newBuilder()
                .setCredit(Credit.newBuilder().setEvents(events).setBytes(bytes))
                .build()
                .toByteArray();
    }

    static byte[] settle(Settlement settlement) {
        Settle.Builder message = Settle.newBuilder().setUpTo(settlement.upTo()).setTotals(counts(settlement.totals()));
        for (int range = 0; range < settlement.ranges(); range++) {
            message.addRanges(SettledRange.newBuilder()
                    .setFirst(settlement.first(range))
                    .setLast(settlement.last(range))
                    .setFate(fate(settlement.fate(range))));
        }
        for (Settlement.Failed failed : settlement.failures()) {
            message.addFailures(failure(failed.failure()).setSequence(failed.sequence()));
        }
        return SubscribeRequest.newBuilder().setSettle(message).build().toByteArray();
    }

    static SubscribeRequest request(byte[] bytes) {
        try {
            return SubscribeRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolException("not a SubscribeRequest: " + e.getMessage());
        }
    }

    static Open open(io.fiso.proto.stream.v1.Open message) {
        if (message.getMode() != SubscribeMode.SUBSCRIBE_MODE_SETTLE
                && message.getMode() != SubscribeMode.SUBSCRIBE_MODE_OBSERVE) {
            throw new ProtocolException("open without a mode; send SETTLE or OBSERVE");
        }
        io.fiso.proto.stream.v1.Resume resume = message.getResume();
        return new Open(
                message.getRun(),
                message.getEdge(),
                message.getSubscriber(),
                message.getReplica(),
                message.getInstance(),
                message.getGeneration(),
                message.getMode() == SubscribeMode.SUBSCRIBE_MODE_OBSERVE,
                message.hasResume()
                        ? new Open.Resume(
                                resume.getEmitterGeneration(),
                                resume.getEpoch(),
                                resume.getReceivedUpTo(),
                                resume.getSettledUpTo())
                        : null);
    }

    /** Tells a core what a subscriber sent after its open. */
    static void deliver(SubscribeRequest request, SubscriberCall call) {
        switch (request.getMessageCase()) {
            case CREDIT ->
                call.credit(request.getCredit().getEvents(), request.getCredit().getBytes());
            case SETTLE -> call.settle(settlement(request.getSettle()));
            case OPEN -> throw new ProtocolException("a second open on one call");
            case MESSAGE_NOT_SET -> throw new ProtocolException("an empty SubscribeRequest");
        }
    }

    /** Tells a core what an emitter sent. */
    static void deliver(byte[] bytes, UpstreamCall call, Records reused) {
        if (bytes.length > 0 && bytes[0] == BATCH_TAG) {
            new BatchReader(bytes).deliver(call, reused);
            return;
        }
        SubscribeResponse response;
        try {
            response = SubscribeResponse.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolException("not a SubscribeResponse: " + e.getMessage());
        }
        switch (response.getMessageCase()) {
            case ACCEPTED -> call.accepted(accepted(response.getAccepted()));
            case REFUSED ->
                call.refused(
                        refusal(response.getRefused().getReason()),
                        response.getRefused().getMessage());
            case RECALL ->
                response.getRecall().getRangesList().forEach(range -> call.recall(range.getFirst(), range.getLast()));
            case END_OF_STREAM -> call.endOfStream(response.getEndOfStream().getLastSequence());
            case BATCH, MESSAGE_NOT_SET -> throw new ProtocolException("a SubscribeResponse that is none");
        }
    }

    static io.fiso.proto.stream.v1.FateCounts counts(FateCounts counts) {
        return io.fiso.proto.stream.v1.FateCounts.newBuilder()
                .setDelivered(counts.of(Fate.DELIVERED))
                .setFailed(counts.of(Fate.FAILED))
                .setFiltered(counts.of(Fate.FILTERED))
                .setDropped(counts.of(Fate.DROPPED))
                .setAbsorbed(counts.of(Fate.ABSORBED))
                .build();
    }

    static io.fiso.proto.stream.v1.Fate fate(Fate fate) {
        return io.fiso.proto.stream.v1.Fate.valueOf("FATE_" + fate.name());
    }

    static io.fiso.proto.stream.v1.Failure.Builder failure(Failure failure) {
        return io.fiso.proto.stream.v1.Failure.newBuilder()
                .setCode(failure.code())
                .setMessage(failure.message())
                .setAttempts(failure.attempts())
                .setComponent(failure.component())
                .setEventId(failure.eventId());
    }

    private static Accepted accepted(io.fiso.proto.stream.v1.Accepted message) {
        return new Accepted(
                message.getEmitterGeneration(),
                message.getEpoch(),
                message.getContinuation() == Continuation.CONTINUATION_CONTINUE,
                message.getNextSequence(),
                message.getMaxEventBytes());
    }

    private static Refusal refusal(RefusalReason reason) {
        return switch (reason) {
            case REFUSAL_REASON_STALE_GENERATION -> Refusal.STALE_GENERATION;
            case REFUSAL_REASON_NOT_WIRED -> Refusal.NOT_WIRED;
            case REFUSAL_REASON_UNKNOWN_EDGE -> Refusal.UNKNOWN_EDGE;
            case REFUSAL_REASON_DUPLICATE -> Refusal.DUPLICATE;
            case REFUSAL_REASON_WRONG_RUN -> Refusal.WRONG_RUN;
            case REFUSAL_REASON_UNSPECIFIED, UNRECOGNIZED ->
                throw new ProtocolException("refused without a known reason");
        };
    }

    private static Settlement settlement(Settle message) {
        Settlement settlement = new Settlement();
        settlement.upTo(message.getUpTo());
        for (SettledRange range : message.getRangesList()) {
            settlement.addRange(range.getFirst(), range.getLast(), fate(range.getFate()));
        }
        for (io.fiso.proto.stream.v1.Failure failure : message.getFailuresList()) {
            settlement
                    .failures()
                    .add(new Settlement.Failed(
                            failure.getSequence(),
                            new Failure(
                                    failure.getCode(),
                                    failure.getMessage(),
                                    failure.getAttempts(),
                                    failure.getComponent(),
                                    failure.getEventId())));
        }
        FateCounts totals = new FateCounts();
        totals.set(Fate.DELIVERED, message.getTotals().getDelivered());
        totals.set(Fate.FAILED, message.getTotals().getFailed());
        totals.set(Fate.FILTERED, message.getTotals().getFiltered());
        totals.set(Fate.DROPPED, message.getTotals().getDropped());
        totals.set(Fate.ABSORBED, message.getTotals().getAbsorbed());
        settlement.totals(totals);
        return settlement;
    }

    private static Fate fate(io.fiso.proto.stream.v1.Fate fate) {
        return switch (fate) {
            case FATE_DELIVERED -> Fate.DELIVERED;
            case FATE_FAILED -> Fate.FAILED;
            case FATE_FILTERED -> Fate.FILTERED;
            case FATE_DROPPED -> Fate.DROPPED;
            case FATE_ABSORBED -> Fate.ABSORBED;
            case FATE_UNSPECIFIED, UNRECOGNIZED -> throw new ProtocolException("a settled range without a known fate");
        };
    }

    private static int recordSize(Records records, int index) {
        int length = records.length(index);
        int size = 1 + varintSize(length) + length;
        int keyLength = records.keyLength(index);
        if (keyLength > 0) {
            size += 1 + varintSize(keyLength) + keyLength;
        }
        int flags = records.flags(index);
        return flags == 0 ? size : size + 1 + varintSize(flags);
    }

    private static int delimited(byte[] target, int at, int tag, byte[] bytes, int offset, int length) {
        target[at] = (byte) tag;
        int begin = varint(target, at + 1, length);
        System.arraycopy(bytes, offset, target, begin, length);
        return begin + length;
    }

    private static int varint(byte[] target, int at, long value) {
        int next = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[next++] = (byte) rest;
        return next;
    }

    private static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private static int tag(int field) {
        return (field << 3) | 2;
    }

    /** Reads one batch message, slicing its events out of it. */
    private static final class BatchReader {
        private final byte[] bytes;
        private int at;

        BatchReader(byte[] bytes) {
            this.bytes = bytes;
            this.at = 1;
        }

        void deliver(UpstreamCall call, Records records) {
            int end = length(bytes.length);
            if (end != bytes.length) {
                throw new ProtocolException("a batch of " + end + " bytes in a message of " + bytes.length);
            }
            long firstSequence = 0;
            long settledUpTo = 0;
            records.clear();
            while (at < end) {
                int tag = (int) varint(end);
                if (tag == RECORD_TAG) {
                    record(length(end), records);
                } else if (tag == FIRST_SEQUENCE_TAG) {
                    firstSequence = varint(end);
                } else if (tag == SETTLED_UP_TO_TAG) {
                    settledUpTo = varint(end);
                } else {
                    skip(tag, end);
                }
            }
            call.batch(firstSequence, records, settledUpTo);
            records.clear();
        }

        private void record(int end, Records records) {
            int eventAt = at;
            int eventLength = 0;
            int keyAt = 0;
            int keyLength = 0;
            int flags = 0;
            while (at < end) {
                int tag = (int) varint(end);
                if (tag == EVENT_TAG) {
                    int eventEnd = length(end);
                    eventAt = at;
                    eventLength = eventEnd - at;
                    at = eventEnd;
                } else if (tag == ORDER_KEY_TAG) {
                    int keyEnd = length(end);
                    keyAt = at;
                    keyLength = keyEnd - at;
                    at = keyEnd;
                } else if (tag == FLAGS_TAG) {
                    flags = (int) varint(end);
                } else {
                    skip(tag, end);
                }
            }
            records.add(bytes, eventAt, eventLength, keyLength == 0 ? Records.NO_KEY : bytes, keyAt, keyLength, flags);
        }

        /** Reads a length; answers where the value that follows ends. */
        private int length(int end) {
            long length = varint(end);
            if (length < 0 || length > end - at) {
                throw new ProtocolException("a value of " + length + " bytes where " + (end - at) + " are left");
            }
            return at + (int) length;
        }

        private long varint(int end) {
            long value = 0;
            for (int shift = 0; shift < 64 && at < end; shift += 7) {
                byte next = bytes[at++];
                value |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new ProtocolException("a number that is cut off at byte " + at);
        }

        /** A field of a later version. */
        private void skip(int tag, int end) {
            switch (tag & 7) {
                case 0 -> varint(end);
                case 1 -> at += 8;
                case 2 -> at = length(end);
                case 5 -> at += 4;
                default -> throw new ProtocolException("wire type " + (tag & 7) + " at byte " + at);
            }
            if (at > end) {
                throw new ProtocolException("a value that is cut off at byte " + at);
            }
        }
    }
}
