// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * One event of a partition that the endpoint does not answer until the test says so. What follows it in its partition is delivered, but no position
 * can be committed past it: whoever is killed now leaves something behind that comes again, however quick or slow the machine is.
 */
final class Withheld {
    private static final int AHEAD = 30;
    /** More than are on their way at once, so most of them were answered. */
    private static final int FOLLOWERS = 60;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpStub stub;
    private final HttpStub.Script answers;
    private final List<RecordMetadata> positions;
    private final int n;
    private final CountDownLatch released = new CountDownLatch(1);

    private Withheld(HttpStub stub, HttpStub.Script answers, List<RecordMetadata> positions, int n) {
        this.stub = stub;
        this.answers = answers;
        this.positions = positions;
        this.n = n;
    }

    /** Withholds the event at this offset from now on; set before a pipeline starts, nothing can get past it. */
    static Withheld at(
            int partition, long offset, List<RecordMetadata> positions, HttpStub stub, HttpStub.Script answers) {
        int n = IntStream.range(0, positions.size())
                .filter(i -> positions.get(i).partition() == partition
                        && positions.get(i).offset() == offset)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no event " + offset + " in partition " + partition
                        + ": too much was delivered before one could be withheld"));
        Withheld withheld = new Withheld(stub, answers, positions, n);
        stub.script(withheld::answer);
        return withheld;
    }

    /**
     * Withholds, under load, an event that has not come yet; waits until it has, and many that follow it.
     *
     * @param positions where each issued event is, by its number
     * @param answers what all others are answered
     */
    static Withheld underLoad(int partition, List<RecordMetadata> positions, HttpStub stub, HttpStub.Script answers)
            throws Exception {
        while (true) {
            long next = arrived(partition, positions, stub).max().orElse(-1) + AHEAD;
            Withheld withheld = at(partition, next, positions, stub, answers);
            if (arrived(partition, positions, stub).noneMatch(offset -> offset == next)) {
                withheld.awaitFollowers();
                return withheld;
            }
            // It came between the look and the new script.
            withheld.release();
        }
    }

    private static LongStream arrived(int partition, List<RecordMetadata> positions, HttpStub stub) {
        return Oracle.arrivals(stub.requests()).stream()
                .map(arrival -> positions.get(arrival.n()))
                .filter(position -> position.partition() == partition)
                .mapToLong(RecordMetadata::offset);
    }

    private HttpStub.Answer answer(HttpStub.Request request) throws Exception {
        if (request.data().path("n").asInt() == n) {
            released.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        return answers.answer(request);
    }

    /** Waits until the endpoint has many events that follow it in its partition. */
    void awaitFollowers() throws Exception {
        RecordMetadata position = positions.get(n);
        Eventually.until(
                PATIENCE,
                () -> arrived(position.partition(), positions, stub)
                                .filter(offset -> offset > position.offset())
                                .distinct()
                                .count()
                        >= FOLLOWERS,
                () -> FOLLOWERS + " events after " + position + "; the last that came is "
                        + last(arrived(position.partition(), positions, stub).max()));
    }

    private static String last(OptionalLong offset) {
        return offset.isPresent() ? Long.toString(offset.getAsLong()) : "none";
    }

    /** Answers it, and if it comes again, like all others. */
    void release() {
        released.countDown();
        stub.script(answers);
    }
}
