// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** All metrics of a broker. Thread-safe. */
public final class Metrics {
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final List<Source> sources;

    /** Knows some metrics. Asked by any thread, and may read the store. */
    @FunctionalInterface
    public interface Source {
        List<MetricSnapshot> metrics();
    }

    public Metrics(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /** As they are now, in the text format of Prometheus. */
    public byte[] text() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        sources.forEach(source -> source.metrics().forEach(all::metricSnapshot));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, all.build(), EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
