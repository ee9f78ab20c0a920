// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloudevents.CloudEvent;
import io.fiso.proto.broker.v1.Job;
import io.fiso.proto.broker.v1.JobContent;
import io.fiso.proto.broker.v1.JobState;
import io.fiso.proto.broker.v1.ListJobsRequest;
import io.fiso.proto.broker.v1.PeekJobsRequest;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class QueueSinkTest {
    private static final String QUEUE = "default/shop/queues/mails";

    @TempDir
    Path directory;

    private final QueueSink sink = new QueueSink();
    private LocalBroker broker;
    private PipelineDouble pipeline;

    @BeforeEach
    void start() {
        broker = LocalBroker.start(directory.resolve("broker"));
    }

    @AfterEach
    void stop() {
        sink.close();
        broker.close();
    }

    @Test
    void writesPayloadKeyHeadersAndPriority() throws Exception {
        open(config(null, 7, null));
        deliver("customer-1", event("A-1", "{\"n\": 1.10}"));

        assertThat(jobs(JobState.JOB_STATE_READY).getFirst().getPriority()).isEqualTo(7);
        JobContent content = broker.connection()
                .queues()
                .peekJobs(PeekJobsRequest.newBuilder().setQueue(QUEUE).build())
                .getJobs(0)
                .getContent();
        assertThat(content.getPayload().toString(UTF_8)).isEqualTo("{\"n\": 1.10}");
        assertThat(content.getKey().toString(UTF_8)).isEqualTo("customer-1");
        assertThat(content.getHeadersList().stream()
                        .map(header ->
                                header.getName() + "=" + header.getValue().toString(UTF_8)))
                .contains("ce_id=A-1", "ce_type=mail", "fiso-event-id=A-1");
    }

    @Test
    void delaysJobsAndLeavesAwayAKeyThatIsTooLong() throws Exception {
        open(config(null, 0, Duration.ofHours(1)));
        deliver("x".repeat(2_000), event("A-1", "1"));

        assertThat(jobs(JobState.JOB_STATE_READY)).isEmpty();
        assertThat(jobs(JobState.JOB_STATE_DELAYED)).hasSize(1);
    }

    @Test
    void failsForAWhileWhenTheBrokerIsGoneAndGoesOnWhereItIsThen() throws Exception {
        open(config(null, 0, null));
        deliver("a", event("A-1", "1"));
        broker.stop();

        DeliveryException gone = catchThrowableOfType(DeliveryException.class, () -> deliver("a", event("A-2", "2")));
        assertThat(gone.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(gone).hasMessageContaining("cannot be reached");

        broker.start();
        pipeline.withBroker(broker.address());
        deliver("a", event("A-2", "2"));
        assertThat(jobs(JobState.JOB_STATE_READY)).hasSize(2);
    }

    @Test
    void waitsForAQueueThatItMayNotMake() throws Exception {
        open(config(false, 0, null));
        DeliveryException missing =
                catchThrowableOfType(DeliveryException.class, () -> deliver("a", event("A-1", "1")));
        assertThat(missing.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(missing).hasMessageContaining(QUEUE).hasMessageContaining("create: true");
    }

    @Test
    void refusesAConfigThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, 10, null))
                .withMessageContaining("0 to 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, 0, Duration.ofDays(367)))
                .withMessageContaining("366 days");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QueueSinkConfig("a/b/streams/c", null, null, null, null, null, 0, null))
                .withMessageContaining("queue:");
    }

    private static QueueSinkConfig config(@Nullable Boolean create, int priority, @Nullable Duration delay) {
        return new QueueSinkConfig("shop/mails", null, null, create, null, null, priority, delay);
    }

    private void open(QueueSinkConfig config) {
        pipeline = new PipelineDouble(config, directory, 0).withBroker(broker.address());
        sink.open(pipeline);
    }

    private void deliver(String key, CloudEvent event) throws Exception {
        sink.deliver(List.of(event), new Outcome() {
            @Override
            public void failed(int index, DeliveryException reason) {
                throw new AssertionError(reason);
            }

            @Override
            public byte[] orderKey(int index) {
                return key.getBytes(UTF_8);
            }
        });
    }

    private List<Job> jobs(JobState state) {
        return broker.connection()
                .queues()
                .listJobs(ListJobsRequest.newBuilder()
                        .setQueue(QUEUE)
                        .setState(state)
                        .build())
                .getJobsList();
    }

    private static CloudEvent event(String id, String json) {
        return WireEvent.builder()
                .id(id)
                .source("/shop")
                .type("mail")
                .json(json.getBytes(UTF_8))
                .build();
    }
}
