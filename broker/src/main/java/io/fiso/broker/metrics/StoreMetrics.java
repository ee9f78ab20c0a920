// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import io.fiso.broker.metrics.Samples.Sample;
import io.fiso.broker.store.Store;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** The store below. */
public final class StoreMetrics implements Metrics.Source {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Store store;
    private final Histogram syncs = Histogram.builder()
            .name("fiso_broker_store_sync_duration_seconds")
            .help("How long the disk took to make a commit durable")
            .classicOnly()
            .classicUpperBounds(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
            .build();

    /** Listens to the store's syncs, alone. */
    public StoreMetrics(Store store) {
        this.store = store;
        store.activity().onSync(nanos -> syncs.observe(nanos / NANOS_PER_SECOND));
    }

    @Override
    public List<MetricSnapshot> metrics() {
        return List.of(
                Samples.counter(
                        "fiso_broker_store_commits",
                        "Transactions committed",
                        Sample.of(store.activity().commits())),
                Samples.counter(
                        "fiso_broker_store_writes",
                        "Writes committed, many of them together in one transaction",
                        Sample.of(store.activity().writes())),
                syncs.collect(),
                Samples.gauge("fiso_broker_store_bytes", "Size of the store's files", Sample.of(store.sizeBytes())),
                Samples.gauge("fiso_broker_store_free_bytes", "What the disk has left", Sample.of(store.freeBytes())),
                Samples.gauge(
                        "fiso_broker_store_read_only",
                        "1 if the disk has failed, so that nothing is written until the broker is started again",
                        Sample.of(store.readOnly() ? 1 : 0)));
    }
}
