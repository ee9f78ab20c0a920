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
import java.util.stream.Stream;

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

    /** One value of a metric. */
    private record Sample(Labels labels, double value) {}

    private MetricSnapshots snapshots(List<Run> active) {
        return new MetricSnapshots(
                counter(
                        "fiso_run_events",
                        "Events settled, by fate",
                        active.stream().flatMap(RunMetrics::fates)),
                counter("fiso_run_accepted", "Events accepted by the sources of a run", runs(active, Run::getAccepted)),
                gauge("fiso_run_in_flight", "Events accepted and not settled", runs(active, Run::getInFlight)),
                gauge(
                        "fiso_run_state",
                        "1 for the state that a run is in",
                        active.stream()
                                .map(run -> new Sample(
                                        labels(run)
                                                .add(
                                                        "state",
                                                        run.getState().name().substring("RUN_STATE_".length())),
                                        1))),
                gauge(
                        "fiso_conservation_violations",
                        "Places where accepted is not the sum of all fates and what is in flight",
                        active.stream()
                                .map(run ->
                                        new Sample(labels(run).add("run", run.getId()), violations.applyAsLong(run)))),
                gauge(
                        "fiso_run_component_healthy",
                        "Whether a component replica is healthy",
                        components(active, c -> c.getHealth() == Health.HEALTH_HEALTHY ? 1 : 0)),
                counter(
                        "fiso_run_component_restarts",
                        "Restarts of a component replica",
                        components(active, ComponentStatus::getRestarts)),
                counter(
                        "fiso_run_component_deduplicated",
                        "Events that a sink had delivered before, and did not deliver again",
                        components(active, c -> c.getProgress().getDeduplicated())),
                gauge(
                        "fiso_run_component_in_flight",
                        "Events received or accepted and not settled",
                        components(active, c -> c.getProgress().getInFlight())),
                gauge(
                        "fiso_run_component_resident_bytes",
                        "Resident memory of a component's process",
                        components(active, c -> c.getProgress().getResidentBytes())));
    }

    private static Stream<Sample> fates(Run run) {
        FateCounts totals = run.getTotals();
        return Map.of(
                        "delivered", totals.getDelivered(),
                        "dead_lettered", totals.getFailed(),
                        "filtered", totals.getFiltered(),
                        "dropped", totals.getDropped(),
                        "absorbed", totals.getAbsorbed())
                .entrySet()
                .stream()
                .map(fate -> new Sample(labels(run).add("fate", fate.getKey()), fate.getValue()));
    }

    private static Stream<Sample> runs(List<Run> active, ToDoubleFunction<Run> value) {
        return active.stream().map(run -> new Sample(labels(run), value.applyAsDouble(run)));
    }

    private static Stream<Sample> components(List<Run> active, ToDoubleFunction<ComponentStatus> value) {
        return active.stream()
                .flatMap(run -> run.getComponentsList().stream()
                        .map(component -> new Sample(labels(run, component), value.applyAsDouble(component))));
    }

    private static CounterSnapshot counter(String name, String help, Stream<Sample> samples) {
        CounterSnapshot.Builder metric = CounterSnapshot.builder().name(name).help(help);
        samples.forEach(sample -> metric.dataPoint(CounterDataPointSnapshot.builder()
                .labels(sample.labels())
                .value(sample.value())
                .build()));
        return metric.build();
    }

    private static GaugeSnapshot gauge(String name, String help, Stream<Sample> samples) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
        samples.forEach(sample -> metric.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(sample.labels())
                .value(sample.value())
                .build()));
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
