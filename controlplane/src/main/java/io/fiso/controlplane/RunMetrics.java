// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.FateCounts;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The active runs, summed up for Prometheus. Components have metrics of their own; these are what the control plane sees of them. */
final class RunMetrics {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final Supplier<List<Run>> runs;
    private final ToLongFunction<Run> violations;

    /** @param violations in how many places the sums of a run do not hold */
    RunMetrics(Supplier<List<Run>> runs, ToLongFunction<Run> violations) {
        this.runs = runs;
        this.violations = violations;
    }

    void write(OutputStream out) throws IOException {
        PrometheusTextFormatWriter.create().write(out, snapshots(runs.get()), EscapingScheme.DEFAULT);
    }

    private MetricSnapshots snapshots(List<Run> active) {
        return new MetricSnapshots(
                fates(active),
                counter(active, "fiso_run_accepted", "Events accepted by the sources of a run", Run::getAccepted),
                gauge(active, "fiso_run_in_flight", "Events accepted and not settled", Run::getInFlight),
                state(active),
                conservation(active),
                componentGauge(
                        active,
                        "fiso_run_component_healthy",
                        "Whether a component replica is healthy",
                        c -> c.getHealth() == Health.HEALTH_HEALTHY ? 1 : 0),
                componentCounter(
                        active,
                        "fiso_run_component_restarts",
                        "Restarts of a component replica",
                        ComponentStatus::getRestarts),
                componentGauge(
                        active,
                        "fiso_run_component_in_flight",
                        "Events received or accepted and not settled",
                        c -> c.getProgress().getInFlight()),
                componentGauge(
                        active,
                        "fiso_run_component_resident_bytes",
                        "Resident memory of a component's process",
                        c -> c.getProgress().getResidentBytes()));
    }

    private static CounterSnapshot fates(List<Run> active) {
        CounterSnapshot.Builder metric =
                CounterSnapshot.builder().name("fiso_run_events").help("Events settled, by fate");
        for (Run run : active) {
            FateCounts totals = run.getTotals();
            Map.of(
                            "delivered", totals.getDelivered(),
                            "dead_lettered", totals.getFailed(),
                            "filtered", totals.getFiltered(),
                            "dropped", totals.getDropped(),
                            "absorbed", totals.getAbsorbed())
                    .forEach((fate, count) -> metric.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(labels(run).add("fate", fate))
                            .value(count)
                            .build()));
        }
        return metric.build();
    }

    private static CounterSnapshot counter(List<Run> active, String name, String help, ToDoubleFunction<Run> value) {
        CounterSnapshot.Builder metric = CounterSnapshot.builder().name(name).help(help);
        active.forEach(run -> metric.dataPoint(CounterDataPointSnapshot.builder()
                .labels(labels(run))
                .value(value.applyAsDouble(run))
                .build()));
        return metric.build();
    }

    private static GaugeSnapshot gauge(List<Run> active, String name, String help, ToDoubleFunction<Run> value) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
        active.forEach(run -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(labels(run))
                .value(value.applyAsDouble(run))
                .build()));
        return metric.build();
    }

    private GaugeSnapshot conservation(List<Run> active) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder()
                .name("fiso_conservation_violations")
                .help("Places where accepted is not the sum of all fates and what is in flight");
        active.forEach(run -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(labels(run).add("run", run.getId()))
                .value(violations.applyAsLong(run))
                .build()));
        return metric.build();
    }

    private static GaugeSnapshot state(List<Run> active) {
        GaugeSnapshot.Builder metric =
                GaugeSnapshot.builder().name("fiso_run_state").help("1 for the state that a run is in");
        active.forEach(run -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(labels(run).add("state", run.getState().name().substring("RUN_STATE_".length())))
                .value(1)
                .build()));
        return metric.build();
    }

    private static GaugeSnapshot componentGauge(
            List<Run> active, String name, String help, ToDoubleFunction<ComponentStatus> value) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
        active.forEach(run -> run.getComponentsList()
                .forEach(component -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(labels(run, component))
                        .value(value.applyAsDouble(component))
                        .build())));
        return metric.build();
    }

    private static CounterSnapshot componentCounter(
            List<Run> active, String name, String help, ToDoubleFunction<ComponentStatus> value) {
        CounterSnapshot.Builder metric = CounterSnapshot.builder().name(name).help(help);
        active.forEach(run -> run.getComponentsList()
                .forEach(component -> metric.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(labels(run, component))
                        .value(value.applyAsDouble(component))
                        .build())));
        return metric.build();
    }

    private static Labels labels(Run run) {
        return Labels.of("pipeline", run.getPipeline());
    }

    private static Labels labels(Run run, ComponentStatus component) {
        return Labels.of(
                "pipeline",
                run.getPipeline(),
                "component",
                component.getComponent(),
                "replica",
                Integer.toString(component.getReplica()));
    }
}
