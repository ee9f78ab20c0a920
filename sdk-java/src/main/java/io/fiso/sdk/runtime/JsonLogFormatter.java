// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import tools.jackson.core.io.JsonStringEncoder;

/** One JSON object per line with the standard fields. */
final class JsonLogFormatter extends Formatter {
    private final String component;
    private final String flow;

    JsonLogFormatter(String component, String flow) {
        this.component = component;
        this.flow = flow;
    }

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(256);
        line.append("{\"ts\":\"")
                .append(record.getInstant().truncatedTo(ChronoUnit.MILLIS))
                .append('"');
        field(line, "level", level(record.getLevel()));
        field(line, "message", formatMessage(record));
        field(line, "component", component);
        field(line, "flow_name", flow);
        field(line, "logger", record.getLoggerName() == null ? "" : record.getLoggerName());
        EventTrace trace = EventTrace.current();
        field(line, "trace_id", trace.traceId());
        field(line, "correlation_id", trace.correlationId());
        if (record.getThrown() != null) {
            StringWriter stack = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(stack));
            field(line, "error", stack.toString());
        }
        return line.append("}\n").toString();
    }

    private static void field(StringBuilder line, String name, String value) {
        line.append(",\"").append(name).append("\":\"");
        JsonStringEncoder.getInstance().quoteAsString(value, line);
        line.append('"');
    }

    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (value >= Level.WARNING.intValue()) {
            return "warn";
        }
        return value >= Level.INFO.intValue() ? "info" : "debug";
    }
}
