// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.cli.output.Terminal;
import io.fiso.controlplane.Adoption;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells a run's story while it happens. What components print goes to stdout, the story to stderr: on a terminal with one line at the bottom that is
 * rewritten, elsewhere with a line every few seconds. With {@code -o json} both are lines of JSON on stdout. Thread-safe.
 */
final class Narrator {
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration PATIENCE_AT_START = Duration.ofSeconds(30);
    private static final Duration REWRITE_INTERVAL = Duration.ofMillis(500);
    private static final String ERASE_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final Format format;
    private final Style style;
    private final Map<String, Health> told = new HashMap<>();
    private final Set<String> wasHealthy = new HashSet<>();
    private final long startedNanos;
    private RunState state = RunState.RUN_STATE_UNSPECIFIED;
    private boolean statusLineShown;
    private boolean ready;
    private long lastStatusNanos;
    private long lastAccepted;
    private long lastDelivered;
    private String reason = "";

    /** The clock of the first event starts where the user pressed return, as near as we can know it. */
    Narrator(Terminal terminal, Format format, long startedNanos) {
        this.terminal = terminal;
        this.format = format;
        this.style = terminal.style();
        this.startedNanos = startedNanos;
        this.lastStatusNanos = startedNanos;
    }

    synchronized void begin(ResolvedPipeline pipeline, List<Problem> warnings) {
        warnings.forEach(warning -> say(warning.render() + "\n"));
        say(style.bold("Pipeline " + pipeline.name()) + ": "
                + PipelineFile.count(pipeline.components().size(), "component") + " on driver " + pipeline.driver());
        String edges = pipeline.edges().stream()
                .map(edge -> edge.name().replace("->", " → "))
                .collect(Collectors.joining(", "));
        say("  " + edges);
        event("starting", "pipeline", pipeline.name(), "driver", pipeline.driver());
    }

    synchronized void controlPlaneUp(int grpcPort, int httpPort, List<String> notices) {
        notices.forEach(notice -> say(style.yellow("note") + ": " + notice));
        say("  control plane 127.0.0.1:" + grpcPort + " · metrics http://127.0.0.1:" + httpPort + "/metrics");
        event("control-plane", "grpcPort", grpcPort, "httpPort", httpPort, "notices", notices);
    }

    synchronized void runStarted(Run run, Path logs, Optional<Adoption> adoption) {
        adoption.ifPresent(adopted -> say(style.green("adopted") + " "
                + PipelineFile.count(adopted.running(), "running component") + " of run " + adopted.run()
                + (adopted.missing() == 0 ? "" : "; " + adopted.missing() + " had ended and are started again")));
        say("  run " + run.getId() + " · logs " + logs);
        event(
                "run",
                "run",
                run.getId(),
                "logs",
                logs.toString(),
                "adopted",
                adoption.map(Adoption::running).orElse(0));
    }

    /** A run of somebody else's that is looked at from here. */
    synchronized void following(Run run, String where) {
        say(style.bold("Pipeline " + run.getPipeline()) + ": "
                + PipelineFile.count(run.getComponentsCount(), "component") + " on driver " + run.getDriver());
        say("  "
                + run.getEdgesList().stream()
                        .map(edge -> edge.replace("->", " → "))
                        .collect(Collectors.joining(", ")));
        say("  run " + run.getId() + " · " + where);
        event("run", "run", run.getId(), "pipeline", run.getPipeline(), "where", where);
    }

    /** Something to know before the run is there. */
    synchronized void preparing(String what) {
        say("  " + what);
        event("preparing", "message", what);
    }

    /** A component has been told of a broker that none had been told of before. */
    synchronized void broker(RunningBroker broker, Path directory) {
        say("  Broker at " + broker.address() + ", data in " + directory);
        event(
                "broker",
                "grpcPort",
                broker.grpcPort(),
                "httpPort",
                broker.httpPort(),
                "pid",
                broker.pid(),
                "directory",
                directory.toString());
    }

    /** A line that a component printed. */
    synchronized void output(String component, String line, boolean plain) {
        clearStatusLine();
        switch (format) {
            case json -> event("output", "component", component, "line", line);
            case yaml -> terminal.err().println(component + " | " + line);
            case text -> terminal.out().println(plain ? line : component + " | " + line);
        }
    }

    /** How it stands now. */
    synchronized void update(Run run) {
        tellHealth(run);
        if (!ready && RunText.healthy(run) == run.getComponentsCount() && run.getComponentsCount() > 0) {
            ready = true;
            say(style.green("ready") + " after " + Durations.show(elapsed()) + ": "
                    + RunText.components(run).stream()
                            .map(c -> RunText.name(run, c))
                            .collect(Collectors.joining(", ")));
        }
        if (run.getState() != state || !run.getReason().equals(reason)) {
            state = run.getState();
            reason = run.getReason();
            if (state == RunState.RUN_STATE_DEGRADED
                    || state == RunState.RUN_STATE_PAUSED
                    || state == RunState.RUN_STATE_DRAINING && !reason.isEmpty()) {
                say(RunText.paint(style, run) + (reason.isEmpty() ? "" : ": " + reason));
            }
            event(
                    "state",
                    "state",
                    RunText.state(run),
                    "reason",
                    reason,
                    "afterMillis",
                    elapsed().toMillis());
        }
        status(run);
    }

    /** Only what is not well, and that it is well again. A component that has never been well is starting, and only worth a word if that takes long. */
    private void tellHealth(Run run) {
        for (ComponentStatus c : RunText.components(run)) {
            String name = RunText.name(run, c);
            Health health = c.getHealth();
            @Nullable Health before = told.put(name, health);
            if (before == health) {
                continue;
            }
            if (health == Health.HEALTH_HEALTHY) {
                wasHealthy.add(name);
            }
            boolean stillStarting = health == Health.HEALTH_UNHEALTHY
                    && !wasHealthy.contains(name)
                    && elapsed().compareTo(PATIENCE_AT_START) < 0;
            if (stillStarting) {
                continue;
            }
            switch (health) {
                case HEALTH_CRASH_LOOP, HEALTH_UNHEALTHY, HEALTH_RESTARTING ->
                    say(style.red("✗ " + name) + " " + RunText.health(c)
                            + (c.getReason().isEmpty() ? "" : ": " + c.getReason()));
                case HEALTH_HEALTHY -> {
                    if (ready) {
                        say(style.green("✓ " + name) + " HEALTHY");
                    }
                }
                default -> {
                    // Nothing anybody need know.
                }
            }
            event("health", "component", name, "health", RunText.health(c), "reason", c.getReason());
        }
    }

    private void status(Run run) {
        boolean rewrite = format == Format.text && terminal.interactive();
        long now = System.nanoTime();
        long sinceNanos = now - lastStatusNanos;
        if (RunText.isFinal(run) || sinceNanos < (rewrite ? REWRITE_INTERVAL : LINE_INTERVAL).toNanos()) {
            return;
        }
        double seconds = sinceNanos / 1e9;
        double in = Math.max(0, run.getAccepted() - lastAccepted) / seconds;
        double out = Math.max(0, run.getTotals().getDelivered() - lastDelivered) / seconds;
        lastStatusNanos = now;
        lastAccepted = run.getAccepted();
        lastDelivered = run.getTotals().getDelivered();
        if (format == Format.json) {
            event(
                    "progress",
                    "state",
                    RunText.state(run),
                    "accepted",
                    run.getAccepted(),
                    "delivered",
                    run.getTotals().getDelivered(),
                    "failed",
                    run.getTotals().getFailed(),
                    "inFlight",
                    run.getInFlight(),
                    "acceptedPerSecond",
                    in,
                    "deliveredPerSecond",
                    out);
            return;
        }
        String line = Durations.show(elapsed()) + "  " + RunText.paint(style, run) + "  in " + rate(in) + "  out "
                + rate(out) + "  " + RunText.sum(run) + RunText.inStreams(run) + holding(run);
        if (rewrite) {
            int room = Math.max(20, terminal.width() - 1);
            String cut = style == Style.PLAIN && line.length() > room ? line.substring(0, room) : line;
            terminal.err().print(ERASE_LINE + cut);
            terminal.err().flush();
            statusLineShown = true;
        } else {
            terminal.err().println(line);
        }
    }

    private static String holding(Run run) {
        return RunText.components(run).stream()
                .filter(c -> !c.getProgress().getHolding().isEmpty())
                .findFirst()
                .map(c -> "  " + RunText.name(run, c) + " holds: "
                        + c.getProgress().getHolding())
                .orElse("");
    }

    private static String rate(double perSecond) {
        return perSecond >= 10_000
                ? String.format(Locale.ROOT, "%.0f k/s", perSecond / 1000)
                : String.format(Locale.ROOT, "%.0f/s", perSecond);
    }

    synchronized void stopping(String what) {
        say(what);
        event("stopping", "message", what);
    }

    /** Leaves the terminal as a shell wants it. */
    synchronized void end() {
        clearStatusLine();
        terminal.out().flush();
        terminal.err().flush();
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    private void say(String text) {
        if (format == Format.text) {
            clearStatusLine();
            terminal.err().println(text);
        }
    }

    private void event(String name, Object... keysAndValues) {
        if (format == Format.json) {
            Map<String, @Nullable Object> data = Format.map("event", name);
            data.putAll(Format.map(keysAndValues));
            terminal.out().println(Format.compact(data));
            terminal.out().flush();
        }
    }

    private void clearStatusLine() {
        if (statusLineShown) {
            terminal.err().print(ERASE_LINE);
            terminal.err().flush();
            statusLineShown = false;
        }
    }
}
