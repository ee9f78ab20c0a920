// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.metrics.Samples.Sample;
import io.fiso.broker.queue.QueueActivity;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.store.Store;
import io.fiso.broker.stream.GroupDescription;
import io.fiso.broker.stream.StreamDescription;
import io.fiso.broker.stream.Streams;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Streams, queues and key-value stores. What each one has is looked up in the store when somebody asks; the rest is counted since the start. */
public record PrimitiveMetrics(Store store, Catalogue catalogue, Streams streams, Queues queues, KeyValues keyValues)
        implements Metrics.Source {
    @Override
    public List<MetricSnapshot> metrics() {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(Samples.counter(
                "fiso_broker_records_appended", "Records appended to streams", Sample.of(streams.appendedRecords())));
        all.add(Samples.counter(
                "fiso_broker_appended_bytes", "Bytes of these, as they are kept", Sample.of(streams.appendedBytes())));
        all.add(Samples.gauge(
                "fiso_broker_subscriptions", "Subscriptions that are open", Sample.of(streams.subscriptions())));
        all.add(Samples.gauge("fiso_broker_watches", "Watches of keys that are open", Sample.of(keyValues.watching())));
        all.add(Samples.gauge(
                "fiso_broker_reserves_waiting", "Callers that wait for a job", Sample.of(queues.waiting())));
        all.add(Samples.counter("fiso_broker_jobs", "What was done with jobs, by event", jobs()));
        addWhatIsThere(all);
        return all;
    }

    private List<Sample> jobs() {
        return Arrays.stream(QueueActivity.Event.values())
                .map(event -> new Sample(
                        Labels.of("event", event.name().toLowerCase(Locale.ROOT)),
                        queues.activity().count(event)))
                .toList();
    }

    private void addWhatIsThere(List<MetricSnapshot> all) {
        List<Sample> jobs = new ArrayList<>();
        List<Sample> ends = new ArrayList<>();
        List<Sample> lags = new ArrayList<>();
        for (Resource resource : store.read(view -> catalogue.list(view, ""))) {
            try {
                if (resource.name().kind() == ResourceKind.QUEUE) {
                    jobs.add(new Sample(
                            Labels.of("queue", resource.name().toString()),
                            queues.browser().size(resource.name())));
                } else if (resource.name().kind() == ResourceKind.STREAM) {
                    add(resource.name().toString(), streams.describe(resource.name()), ends, lags);
                }
            } catch (BrokerException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
                // Removed since they were listed.
            }
        }
        all.add(Samples.gauge("fiso_broker_queue_jobs", "Jobs in a queue: ready, delayed and leased", jobs));
        all.add(Samples.gauge("fiso_broker_stream_end_offset", "The offset that the next record gets", ends));
        all.add(Samples.gauge("fiso_broker_group_lag", "Records of a partition that a group has not committed", lags));
    }

    private static void add(String stream, StreamDescription described, List<Sample> ends, List<Sample> lags) {
        described
                .partitions()
                .forEach(partition -> ends.add(new Sample(
                        Labels.of("stream", stream, "partition", Integer.toString(partition.partition())),
                        partition.endOffset())));
        for (GroupDescription group : described.groups()) {
            group.progress()
                    .forEach(progress -> lags.add(new Sample(
                            Labels.of(
                                    "stream",
                                    stream,
                                    "group",
                                    group.group(),
                                    "partition",
                                    Integer.toString(progress.partition())),
                            progress.lag())));
        }
    }
}
