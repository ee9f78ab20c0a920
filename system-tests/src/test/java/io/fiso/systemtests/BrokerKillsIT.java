// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** kill -9 of the broker while many use it, again and again: what it answered for holds. {@code -Dfiso.kills=50} for more of them. */
@Timeout(1_200)
@ExtendWith(Sandbox.Extension.class)
class BrokerKillsIT {
    private static final int KILLS = Integer.getInteger("fiso.kills", 5);
    private static final int CALLERS = 3;
    /** How many answers there are between two kills, of all callers together. */
    private static final int ANSWERS = 150;

    private static final String STREAM = "/v1/resources/default/kills/streams/records";
    private static final String QUEUE = "/v1/resources/default/kills/queues/jobs";
    private static final String KEYS = "/v1/resources/default/kills/kv/keys";
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger answers = new AtomicInteger();
    /** Offsets by payload, as answered. */
    private final Map<String, Long> appended = new ConcurrentHashMap<>();

    private final Set<String> enqueued = ConcurrentHashMap.newKeySet();
    private final Set<String> acked = ConcurrentHashMap.newKeySet();
    /** What was acked before this broker was started: a slow worker may hear late of a delivery from before an ack, but not from another broker. */
    private volatile Set<String> ackedBefore = Set.of();

    /** Acks that were sent: who heard no answer does not know. */
    private final Set<String> perhapsAcked = ConcurrentHashMap.newKeySet();

    private final Set<String> leased = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> put = new ConcurrentHashMap<>();
    private final Map<String, Integer> perhapsPut = new ConcurrentHashMap<>();

    /** What one caller does until the broker is gone. */
    @FunctionalInterface
    private interface Work {
        void once(BrokerProcess broker, int caller) throws IOException, InterruptedException;
    }

    @Test
    void whatWasAnsweredHoldsWhenTheBrokerIsKilledUnderLoad(Sandbox sandbox) throws Exception {
        Path data = sandbox.directory().resolve("data");
        BrokerProcess broker = BrokerProcess.start(sandbox, data);
        broker.create("default/kills/streams/records");
        broker.create("default/kills/kv/keys");
        broker.post(
                        "/v1/resources",
                        Map.of(
                                "resource",
                                Map.of(
                                        "name",
                                        "default/kills/queues/jobs",
                                        "queue",
                                        Map.of("attemptsMax", 100_000, "visibilityTimeout", "2s"))))
                .ok();
        for (int kill = 0; kill < KILLS; kill++) {
            loadAndKill(broker);
            broker = BrokerProcess.start(sandbox, data);
        }

        long ends = expectRecords(broker);
        expectJobs(broker);
        expectKeys(broker);
        System.out.println(
                KILLS + " kills: " + appended.size() + " records answered of " + ends + ", " + enqueued.size()
                        + " jobs, " + leased.size() + " of them leased, " + acked.size() + " acked, "
                        + put.values().stream().mapToInt(Integer::intValue).sum() + " puts");
        assertThat(appended).hasSizeGreaterThan(KILLS);
        assertThat(acked).hasSizeGreaterThan(KILLS);
        assertThat(put).hasSize(CALLERS);
    }

    private void loadAndKill(BrokerProcess broker) throws Exception {
        int before = answers.get();
        ackedBefore = Set.copyOf(acked);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (Work work : List.<Work>of(this::append, this::enqueue, this::work, this::putKey)) {
                for (int caller = 0; caller < CALLERS; caller++) {
                    int id = caller;
                    calls.add(callers.submit(() -> {
                        untilGone(broker, work, id);
                        return id;
                    }));
                }
            }
            Eventually.until(
                    DEADLINE,
                    () -> answers.get() - before >= ANSWERS,
                    () -> ANSWERS + " answers; there are " + (answers.get() - before) + broker.process());
            broker.kill();
            for (Future<?> call : calls) {
                call.get();
            }
        }
    }

    private void untilGone(BrokerProcess broker, Work work, int caller) throws InterruptedException {
        try {
            while (true) {
                work.once(broker, caller);
                answers.incrementAndGet();
            }
        } catch (IOException _) {
            // Killed: no answer, so nothing is known.
        }
    }

    private void append(BrokerProcess broker, int caller) throws IOException, InterruptedException {
        String payload = "record " + numbers.incrementAndGet();
        JsonNode answer = broker.post(
                        STREAM + "/records",
                        Map.of("records", List.of(Map.of("payload", BrokerProcess.base64(payload)))))
                .ok();
        appended.put(
                payload, answer.path("appended").path(0).path("firstOffset").asLong());
    }

    private void enqueue(BrokerProcess broker, int caller) throws IOException, InterruptedException {
        String payload = "job " + numbers.incrementAndGet();
        broker.post(QUEUE + "/jobs", Map.of("jobs", List.of(Map.of("payload", BrokerProcess.base64(payload)))))
                .ok();
        enqueued.add(payload);
    }

    /** Takes jobs, and is done with two of three. */
    private void work(BrokerProcess broker, int caller) throws IOException, InterruptedException {
        JsonNode jobs = broker.post(QUEUE + "/jobs:reserve", Map.of("jobsMax", 2, "wait", "1s"))
                .ok()
                .path("jobs");
        for (JsonNode job : jobs) {
            String payload = BrokerProcess.text(job.path("content").path("payload"));
            assertThat(ackedBefore).as("jobs that do not come back").doesNotContain(payload);
            leased.add(payload);
            if (payload.hashCode() % 3 != 0) {
                perhapsAcked.add(payload);
                BrokerProcess.Answer answer = broker.post(
                        QUEUE + "/jobs:ack", Map.of("lease", job.path("lease").asString()));
                if (answer.status() == 200) {
                    acked.add(payload);
                } else {
                    // The lease was over before: it is somebody else's.
                    assertThat(answer.code()).isEqualTo("broker.lease_stale");
                }
            }
        }
    }

    private void putKey(BrokerProcess broker, int caller) throws IOException, InterruptedException {
        String key = "key-" + caller;
        int value = perhapsPut.merge(key, 1, Integer::sum);
        broker.call(
                        "PUT",
                        KEYS + "/keys/" + key,
                        "{\"value\": \"" + BrokerProcess.base64(Integer.toString(value)) + "\"}")
                .ok();
        put.put(key, value);
    }

    /** Every record that was answered is where the answer said; there is no hole. */
    private long expectRecords(BrokerProcess broker) throws Exception {
        Map<String, Long> found = new ConcurrentHashMap<>();
        long next = 0;
        while (true) {
            JsonNode read = broker.get(STREAM + "/records?offset=" + next + "&recordsMax=1000")
                    .ok();
            for (JsonNode record : read.path("records")) {
                assertThat(record.path("offset").asLong()).isEqualTo(next);
                found.put(BrokerProcess.text(record.path("payload")), next);
                next++;
            }
            if (next >= read.path("endOffset").asLong()) {
                break;
            }
        }
        assertThat(found).containsAllEntriesOf(appended);
        return next;
    }

    /** Every job that was answered, and was not acked, comes; none that was acked does. */
    private void expectJobs(BrokerProcess broker) throws Exception {
        Set<String> owed = new TreeSet<>(enqueued);
        owed.removeAll(perhapsAcked);
        assertThat(owed).as("left to come").isNotEmpty();
        Set<String> came = new HashSet<>();
        Eventually.until(
                DEADLINE,
                () -> {
                    JsonNode jobs = broker.post(
                                    QUEUE + "/jobs:reserve",
                                    Map.of("jobsMax", 100, "wait", "1s", "visibilityTimeout", "600s"))
                            .ok()
                            .path("jobs");
                    jobs.forEach(job ->
                            came.add(BrokerProcess.text(job.path("content").path("payload"))));
                    return jobs.isEmpty() && came.containsAll(owed);
                },
                () -> {
                    owed.removeAll(came);
                    return "all jobs that are owed; missing are " + owed;
                });
        assertThat(came).as("jobs that were acked").doesNotContainAnyElementsOf(acked);
    }

    /** A key has the last value that was answered, or one that was sent after it. */
    private void expectKeys(BrokerProcess broker) throws Exception {
        for (Map.Entry<String, Integer> entry : put.entrySet()) {
            String value = BrokerProcess.text(broker.get(KEYS + "/keys/" + entry.getKey())
                    .ok()
                    .path("entry")
                    .path("value"));
            assertThat(Integer.parseInt(value)).isBetween(entry.getValue(), perhapsPut.get(entry.getKey()));
        }
    }
}
