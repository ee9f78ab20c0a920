// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.Progress;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The metrics of the specification, computed from the core's progress when someone asks; nothing is counted twice. */
final class ComponentMetrics implements MultiCollector {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final String flow;
    private final String component;
    private final Supplier<@Nullable Progress> progress;
    private final Supplier<Map<String, Long>> lags;
    private final LongSupplier deduplicated;
    private final Histogram durations;
    private final ComponentKind kind;

    ComponentMetrics(
            String flow,
            String component,
            ComponentKind kind,
            Supplier<@Nullable Progress> progress,
            Supplier<Map<String, Long>> lags,
            LongSupplier deduplicated) {
        this.flow = flow;
        this.component = component;
        this.kind = kind;
        this.progress = progress;
        this.lags = lags;
        this.deduplicated = deduplicated;
        this.durations = Histogram.builder()
                .name("fiso_flow_event_duration_seconds")
                .help("How long a step took; batches count once, inline processors are sampled")
                .labelNames("flow", "phase")
                .classicOnly()
                .register(registry);
        registry.register(this);
    }

    PrometheusRegistry registry() {
        return registry;
    }

    PhaseTimer timer(String phase) {
        var histogram = durations.labelValues(flow, phase);
        return nanos -> histogram.observe(nanos / NANOS_PER_SECOND);
    }

    void write(OutputStream out) throws IOException {
        PrometheusTextFormatWriter.builder().build().write(out, registry.scrape());
    }

    @Override
    public MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        Progress now = progress.get();
        if (now == null) {
            return new MetricSnapshots(all);
        }
        Labels flowOnly = Labels.of("flow", flow);
        CounterSnapshot.Builder events =
                CounterSnapshot.builder().name("fiso_flow_events").help("Events settled, by fate");
        for (Fate fate : Fate.values()) {
            String status = fate.name().toLowerCase(Locale.ROOT);
            events.dataPoint(point(
                    Labels.of("flow", flow, "status", status), now.settled().of(fate)));
        }
        all.add(events.build());
        all.addAll(failures(now, flowOnly));
        GaugeSnapshot.Builder lag =
                GaugeSnapshot.builder().name("fiso_flow_consumer_lag").help("Records that wait outside");
        lags.get()
                .forEach((partition, records) -> lag.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(Labels.of("flow", flow, "partition", partition))
                        .value(records)
                        .build()));
        all.add(lag.build());
        Labels own = Labels.of("flow", flow, "component", component);
        all.add(counter("fiso_component_events_in", "Events taken in", own, now.eventsIn()));
        all.add(counter("fiso_component_events_out", "Events emitted, or delivered by a sink", own, now.eventsOut()));
        all.add(counter("fiso_component_retries", "Attempts beyond the first", own, now.retries()));
        all.add(counter("fiso_component_redelivered", "Events that arrived again", own, now.redelivered()));
        all.add(counter(
                "fiso_component_deduplicated",
                "Events that a sink had delivered before, and did not deliver again",
                own,
                deduplicated.getAsLong()));
        all.add(counter(
                "fiso_component_busy_seconds",
                "Time in the component's own code",
                own,
                now.busyNanos() / NANOS_PER_SECOND));
        all.add(counter(
                "fiso_component_blocked_seconds",
                "Time without credit downstream",
                own,
                now.blockedNanos() / NANOS_PER_SECOND));
        all.add(counter(
                "fiso_component_starved_seconds",
                "Time with nothing to do",
                own,
                now.starvedNanos() / NANOS_PER_SECOND));
        all.add(GaugeSnapshot.builder()
                .name("fiso_component_in_flight")
                .help("Events taken in and not settled")
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(own)
                        .value(now.inFlight())
                        .build())
                .build());
        return new MetricSnapshots(all);
    }

    /** Each failure is counted by the component that made it, and each dead letter by the source that wrote it. */
    private List<MetricSnapshot> failures(Progress now, Labels flowOnly) {
        if (kind == ComponentKind.COMPONENT_KIND_SINK) {
            return List.of(counter(
                    "fiso_flow_sink_delivery_errors",
                    "Attempts that failed at a sink",
                    flowOnly,
                    now.failedAttempts()));
        }
        CounterSnapshot.Builder gaveUp = CounterSnapshot.builder()
                .name("fiso_flow_transform_errors")
                .help("Events that a source or processor gave up on, by error code");
        now.gaveUp()
                .forEach(
                        (code, events) -> gaveUp.dataPoint(point(Labels.of("flow", flow, "error_type", code), events)));
        return kind == ComponentKind.COMPONENT_KIND_SOURCE
                ? List.of(gaveUp.build(), counter("fiso_flow_dlq", "Dead letters written", flowOnly, now.deadLetters()))
                : List.of(gaveUp.build());
    }

    private static CounterSnapshot counter(String name, String help, Labels labels, double value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(labels, value))
                .build();
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, double value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build();
    }
}
