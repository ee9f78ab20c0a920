// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** Builds metrics of values that are known when somebody asks. */
final class Samples {
    private Samples() {}

    /** One value of a metric. */
    record Sample(Labels labels, double value) {
        static List<Sample> of(double value) {
            return List.of(new Sample(Labels.EMPTY, value));
        }
    }

    /** @param name without {@code _total}, which is added */
    static MetricSnapshot counter(String name, String help, List<Sample> samples) {
        CounterSnapshot.Builder metric = CounterSnapshot.builder().name(name).help(help);
        samples.forEach(sample -> metric.dataPoint(CounterDataPointSnapshot.builder()
                .labels(sample.labels())
                .value(sample.value())
                .build()));
        return metric.build();
    }

    static MetricSnapshot gauge(String name, String help, List<Sample> samples) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
        samples.forEach(sample -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(sample.labels())
                .value(sample.value())
                .build()));
        return metric.build();
    }
}
