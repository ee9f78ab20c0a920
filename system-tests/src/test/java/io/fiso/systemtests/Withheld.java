// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * One event of a partition that the endpoint does not answer until the test says so; all others are answered as a further script says. What follows it
 * in its partition is delivered, but no position can be committed past it: whoever is killed meanwhile leaves something behind that comes again,
 * however quick or slow the machine is. The sink's {@code timeout} must be longer than that.
 */
final class Withheld implements HttpStub.Script {
    /** More than are on their way at once, so most of them were answered. */
    private static final int FOLLOWERS = 60;

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration HELD_MAX = Duration.ofSeconds(170);

    private final HttpStub stub;
    private final HttpStub.Script others;
    private final List<RecordMetadata> positions;
    private final int n;
    private final CountDownLatch released = new CountDownLatch(1);

    /**
     * Of an event that is in Kafka, and that no pipeline has read.
     *
     * @param positions where each issued event is, by its number
     */
    Withheld(int partition, long offset, List<RecordMetadata> positions, HttpStub stub, HttpStub.Script others) {
        this.stub = stub;
        this.others = others;
        this.positions = List.copyOf(positions);
        this.n = IntStream.range(0, positions.size())
                .filter(i -> positions.get(i).partition() == partition
                        && positions.get(i).offset() == offset)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public HttpStub.Answer answer(HttpStub.Request request) throws Exception {
        if (request.data().path("n").asInt() == n) {
            released.await(HELD_MAX.toSeconds(), TimeUnit.SECONDS);
        }
        return others.answer(request);
    }

    /** Waits until the endpoint has many events that follow it in its partition. */
    void awaitFollowers() throws Exception {
        Eventually.until(
                PATIENCE,
                () -> followers().distinct().count() >= FOLLOWERS,
                () -> FOLLOWERS + " events after " + positions.get(n) + "; there are "
                        + followers().distinct().count());
    }

    private LongStream followers() {
        RecordMetadata mine = positions.get(n);
        return Oracle.arrivals(stub.requests()).stream()
                .filter(arrival -> arrival.n() < positions.size())
                .map(arrival -> positions.get(arrival.n()))
                .filter(position -> position.partition() == mine.partition() && position.offset() > mine.offset())
                .mapToLong(RecordMetadata::offset);
    }

    /** Answers it, and from now on it like all others. */
    void release() {
        released.countDown();
    }
}
