// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.fiso.proto.broker.v1.CountJobsRequest;
import io.fiso.proto.broker.v1.CountJobsResponse;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.Job;
import io.fiso.proto.broker.v1.JobHeader;
import io.fiso.proto.broker.v1.ListJobsRequest;
import io.fiso.proto.broker.v1.NewJob;
import io.fiso.proto.broker.v1.PurgeJobsRequest;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.CollectedEvents;
import io.fiso.testkit.ComponentHarness;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The source against a real broker. */
@Timeout(300)
class QueueSourceTest {
    private static final String QUEUE = "default/shop/queues/mails";

    @TempDir
    Path directory;

    private final List<PipelineDouble> running = new ArrayList<>();
    private LocalBroker broker;

    @BeforeEach
    void startBroker() {
        broker = LocalBroker.start(directory.resolve("broker"));
        broker.connection()
                .resources()
                .createResource(CreateResourceRequest.newBuilder()
                        .setResource(Resource.newBuilder()
                                .setName(QUEUE)
                                .setDurability(Durability.DURABILITY_OS)
                                .setQueue(QueueSettings.newBuilder().setAttemptsMax(20)))
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        for (PipelineDouble pipeline : running) {
            pipeline.crash();
        }
        broker.close();
    }

    @Test
    void makesEventsOfJobsAndGivesThemTheSameIdsAgain() throws Exception {
        enqueue(
                NewJob.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setPayload(ByteString.copyFromUtf8("{\"n\":1}"))
                        .build(),
                NewJob.newBuilder()
                        .addHeaders(header("ce_specversion", "1.0"))
                        .addHeaders(header("ce_id", "A-2"))
                        .addHeaders(header("ce_source", "/shop"))
                        .addHeaders(header("ce_type", "mail"))
                        .setPayload(ByteString.copyFromUtf8("2"))
                        .build(),
                NewJob.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("no json"))
                        .build());
        QueueSource source = new QueueSource();
        PipelineDouble pipeline = pipeline(256, 0);
        running.add(pipeline);
        pipeline.start(source).awaitEmitted(3);

        List<SourceEvent> emitted = pipeline.emitted();
        assertThat(event(emitted.get(0)).getType()).isEqualTo("fiso.event");
        assertThat(emitted.get(0).orderKey()).isEqualTo("a".getBytes(UTF_8));
        assertThat(event(emitted.get(1)).getId()).isEqualTo("A-2");
        assertThat(emitted.get(1).orderKey()).isEmpty();
        assertThat(emitted.get(2).failure().orElseThrow().code()).isEqualTo("CLOUDEVENT_WRAP_FAILED");
        OriginalRecord original = Objects.requireNonNull(emitted.get(0).original());
        assertThat(event(source.restore(original)).getId())
                .isEqualTo(event(emitted.get(0)).getId());
        await(() -> total() == 0);
    }

    @Test
    void acksWhatIsSettledAndKeepsTheTotals() throws Exception {
        enqueueNumbered(0, 500);
        PipelineDouble first = start(pipeline(64, 0));
        first.awaitEmitted(500);
        await(() -> total() == 0);
        first.stop();
        assertThat(numbers(first)).hasSize(500);

        PipelineDouble second = start(pipeline(64, 0));
        enqueueNumbered(500, 1);
        second.awaitEmitted(1);
        assertThat(second.resumed()).isEqualTo(first.ledgers()).hasSize(1);
    }

    @Test
    void takesNoMoreThanItMayHoldAndGivesItToOthersWhenItEnds() throws Exception {
        enqueueNumbered(0, 100);
        PipelineDouble first = pipeline(10, 0).holdSettlement();
        first.start(new QueueSource()).awaitEmitted(10);
        assertThat(counts().getLeased()).isEqualTo(10);
        first.crash();
        assertThat(counts().getLeased()).isZero();

        PipelineDouble second = start(pipeline(256, 1));
        second.awaitEmitted(100);
        await(() -> total() == 0);
        assertThat(numbers(second)).hasSize(100);
    }

    @Test
    void givesBackWhatThePipelineDidNotTakeWhenItStops() throws Exception {
        enqueueNumbered(0, 20);
        PipelineDouble pipeline = pipeline(256, 0);
        pipeline.fill("0");
        pipeline.start(new QueueSource());
        await(() -> counts().getLeased() == 20);
        pipeline.stop();
        assertThat(pipeline.emitted()).isEmpty();
        assertThat(counts().getReady()).isEqualTo(20);
    }

    @Test
    void extendsTheLeasesOfWhatIsNotSettled() throws Exception {
        enqueueNumbered(0, 3);
        PipelineDouble pipeline = pipeline(256, 0, Duration.ofSeconds(6)).holdSettlement();
        start(pipeline).awaitEmitted(3);
        long first = leaseEnd();
        await(() -> leaseEnd() > first);
        pipeline.settleEverything();
        await(() -> total() == 0);
    }

    @Test
    void survivesABrokerThatComesBackOnAnotherPort() throws Exception {
        enqueueNumbered(0, 20);
        PipelineDouble pipeline = pipeline(64, 0).holdSettlement();
        start(pipeline).awaitEmitted(20);
        broker.stop();
        pipeline.awaitUntil(() -> pipeline.holding().contains("cannot be reached"), pipeline::holding);
        pipeline.settleEverything();

        broker.start();
        pipeline.withBroker(broker.address());
        enqueueNumbered(20, 20);
        pipeline.awaitEmitted(40);
        await(() -> total() == 0);
        assertThat(numbers(pipeline)).hasSize(40);
        assertThat(pipeline.holding()).isEmpty();
    }

    @Test
    void goesOnWhenItsLeasesAreLost() throws Exception {
        enqueueNumbered(0, 5);
        PipelineDouble pipeline = pipeline(64, 0).holdSettlement();
        start(pipeline).awaitEmitted(5);
        broker.connection()
                .queues()
                .purgeJobs(PurgeJobsRequest.newBuilder().setQueue(QUEUE).build());
        pipeline.settleEverything();
        enqueueNumbered(5, 5);
        pipeline.awaitEmitted(10);
        await(() -> total() == 0);
        assertThat(pipeline.failure()).isNull();
    }

    @Test
    void replicasShareTheJobs() throws Exception {
        PipelineDouble first = start(pipeline(10, 0));
        PipelineDouble second = start(pipeline(10, 1));
        enqueueNumbered(0, 300);
        await(() -> total() == 0);
        Set<Integer> all = numbers(first);
        all.addAll(numbers(second));
        assertThat(all).hasSize(300);
        assertThat(first.emitted().size() + second.emitted().size()).isEqualTo(300);
    }

    @Test
    void losesNothingOverTheRealWireWhenItIsEndedInBetween() throws Exception {
        enqueueNumbered(0, 1_000);
        String config = """
                {"queue": "shop/mails", "address": "%s", "token": "%s", "prefetch": 100}""".formatted(broker.address(), broker.address().token());
        try (ComponentHarness harness = new ComponentHarness(directory.resolve("harness"), "source->out")) {
            CollectedEvents out = new CollectedEvents();
            harness.start("source", new QueueSource(), config);
            harness.start("out", out, "{}");
            ComponentHarness.await(
                    "some events",
                    () -> out.times().size() > 50,
                    () -> out.times().size());
            harness.crash("source");
            harness.start("source", new QueueSource(), config);
            await(() -> total() == 0);
            assertThat(out.times()).hasSize(1_000);
        }
    }

    @Test
    void refusesAConfigThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, 1, null))
                .withMessageContaining("queue is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("mails", 0, null))
                .withMessageContaining("prefetch is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("mails", 1, Duration.ofMillis(10)))
                .withMessageContaining("1s to 12h");
        assertThat(config("mails", 1, null).lease()).isEqualTo(Duration.ofSeconds(30));
    }

    private static QueueSourceConfig config(@Nullable String queue, int prefetch, @Nullable Duration lease) {
        return new QueueSourceConfig(queue, null, null, null, null, prefetch, lease, null);
    }

    private PipelineDouble start(PipelineDouble pipeline) throws Exception {
        running.add(pipeline);
        return pipeline.start(new QueueSource());
    }

    private PipelineDouble pipeline(int prefetch, int replica) {
        return pipeline(prefetch, replica, Duration.ofSeconds(30));
    }

    private PipelineDouble pipeline(int prefetch, int replica, Duration lease) {
        return new PipelineDouble(config("shop/mails", prefetch, lease), directory.resolve("state-" + replica), replica)
                .withBroker(broker.address());
    }

    private void enqueueNumbered(int from, int count) {
        NewJob[] jobs = new NewJob[count];
        for (int i = 0; i < count; i++) {
            jobs[i] = NewJob.newBuilder()
                    .setPayload(ByteString.copyFromUtf8("{\"n\":" + (from + i) + "}"))
                    .build();
        }
        enqueue(jobs);
    }

    private void enqueue(NewJob... jobs) {
        broker.connection()
                .queues()
                .enqueueJobs(EnqueueJobsRequest.newBuilder()
                        .setQueue(QUEUE)
                        .addAllJobs(List.of(jobs))
                        .build());
    }

    private CountJobsResponse counts() {
        return broker.connection()
                .queues()
                .countJobs(CountJobsRequest.newBuilder().setQueue(QUEUE).build());
    }

    private long total() {
        CountJobsResponse counts = counts();
        return counts.getReady() + counts.getDelayed() + counts.getLeased();
    }

    /** Of the job whose lease ends first. */
    private long leaseEnd() {
        List<Job> jobs = broker.connection()
                .queues()
                .listJobs(ListJobsRequest.newBuilder().setQueue(QUEUE).build())
                .getJobsList();
        return jobs.stream()
                .mapToLong(job -> Timestamps.toMillis(job.getVisibleTime()))
                .min()
                .orElse(0);
    }

    private static JobHeader header(String name, String value) {
        return JobHeader.newBuilder()
                .setName(name)
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        ComponentHarness.await("a condition of the broker", condition, () -> "not yet");
    }

    private static Set<Integer> numbers(PipelineDouble pipeline) {
        Set<Integer> numbers = new HashSet<>();
        pipeline.emitted()
                .forEach(emitted -> numbers.add(
                        Integer.parseInt(new String(event(emitted).dataBytes(), UTF_8).replaceAll("[^0-9]", ""))));
        return numbers;
    }

    private static WireEvent event(SourceEvent emitted) {
        return WireEvent.from(Objects.requireNonNull(emitted.event()));
    }
}
