// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A stub endpoint. */
@Command(
        name = "http-echo",
        description = "An HTTP endpoint that prints what it gets, and fails as you ask. Ctrl-C ends it.")
final class HttpEchoCommand extends Verb {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Option(names = "--port", defaultValue = "3000", description = "Port on 127.0.0.1; 0 chooses one (default: 3000)")
    int port;

    @Option(
            names = "--ok-status",
            defaultValue = "200",
            description = "Status of an answer that is no failure (default: 200)")
    int okStatus;

    @Option(names = "--status", paramLabel = "N", description = "Fail with this status")
    int status;

    @Option(names = "--too-many-requests", description = "Fail with 429; see --retry-after")
    boolean tooManyRequests;

    @Option(
            names = "--retry-after",
            paramLabel = "SECONDS|DATE",
            description = "Retry-After header of a failure (with --too-many-requests default: 1)")
    @Nullable
    String retryAfter;

    @Option(names = "--times", paramLabel = "K", description = "Fail K times, then never again")
    long times;

    @Option(names = "--every", paramLabel = "N", defaultValue = "1", description = "Fail each N-th request only")
    long every;

    @Option(names = "--path", description = "Fail requests to this path only")
    @Nullable
    String path;

    @Option(
            names = "--containing",
            paramLabel = "TEXT",
            description = "Fail requests only whose body contains this text")
    @Nullable
    String containing;

    @Option(
            names = "--delay",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "0ms",
            description = "Wait before each answer: 50ms, 2s")
    Duration delay = Duration.ZERO;

    @Option(names = "--jsonl", paramLabel = "FILE", description = "Append each request to this file as one JSON line")
    @Nullable
    Path jsonl;

    @Option(names = "--exit-after", paramLabel = "N", description = "End by itself after N requests")
    long exitAfter;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print no requests, only their number at the end")
    boolean quiet;

    HttpEchoCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        HttpEcho.Faults faults = faults();
        CountDownLatch enough = new CountDownLatch(1);
        StopSignals signals = StopSignals.install(() -> {});
        try (@Nullable BufferedWriter file = open()) {
            Consumer<HttpEcho.Exchange> seen = exchange -> {
                show(exchange, file);
                if (exchange.number() == exitAfter) {
                    enough.countDown();
                }
            };
            try (HttpEcho echo = start(faults, seen)) {
                announce(echo, faults);
                while (!signals.await(Duration.ofMillis(50)) && enough.getCount() > 0) {
                    // Both ends are looked for.
                }
                if (enough.getCount() == 0) {
                    // The last answer is still on its way.
                    signals.await(Duration.ofMillis(200));
                }
                String summary = echo.requests() + " requests, " + echo.failures() + " of them answered with "
                        + (faults.status() == 0 ? "a failure" : faults.status());
                return Answer.ok(
                        summary,
                        Format.map("port", echo.port(), "requests", echo.requests(), "failures", echo.failures()),
                        summary);
            }
        }
    }

    private HttpEcho.Faults faults() {
        if (tooManyRequests && status != 0 && status != 429) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    "--too-many-requests is --status 429, and --status " + status + " was given",
                    "use one"));
        }
        int failing = tooManyRequests ? 429 : status;
        for (int code : new int[] {okStatus, failing == 0 ? 200 : failing}) {
            if (code < 200 || code > 599) {
                throw new CommandException(Failure.invalid(
                        "cli.usage", code + " is no status an endpoint answers with", "give one from 200 to 599"));
            }
        }
        if (every < 1 || times < 0) {
            throw new CommandException(
                    Failure.invalid("cli.usage", "--every starts at 1 and --times at 0", "give a positive number"));
        }
        if (failing == 0 && (times != 0 || every != 1 || path != null || containing != null || retryAfter != null)) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    "--times, --every, --path, --containing and --retry-after say which requests fail, but not how",
                    "add --status N or --too-many-requests"));
        }
        Optional<String> after =
                Optional.ofNullable(retryAfter).or(() -> tooManyRequests ? Optional.of("1") : Optional.empty());
        return new HttpEcho.Faults(
                failing, times, every, Optional.ofNullable(path), Optional.ofNullable(containing), after);
    }

    private HttpEcho start(HttpEcho.Faults faults, Consumer<HttpEcho.Exchange> seen) throws IOException {
        try {
            return HttpEcho.start(port, faults, delay, okStatus, seen);
        } catch (BindException e) {
            throw new CommandException(
                    Failure.environment(
                            "env.port_taken",
                            "port " + port + " on 127.0.0.1 is taken",
                            "stop what listens there, or choose another with --port"),
                    e);
        }
    }

    private void announce(HttpEcho echo, HttpEcho.Faults faults) {
        if (isText()) {
            terminal()
                    .err()
                    .println("Listening on http://localhost:" + echo.port()
                            + (faults.status() == 0 ? "" : ", failing with " + faults.status() + " as asked")
                            + "; Ctrl-C ends it");
        } else {
            terminal().out().println(Format.compact(Format.map("event", "listening", "port", echo.port())));
            terminal().out().flush();
        }
    }

    private @Nullable BufferedWriter open() throws IOException {
        if (jsonl == null) {
            return null;
        }
        return Files.newBufferedWriter(jsonl, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void show(HttpEcho.Exchange exchange, @Nullable BufferedWriter file) {
        if (file != null || (!quiet && !isText())) {
            String line = Format.compact(data(exchange));
            if (file != null) {
                try {
                    file.write(line);
                    file.newLine();
                    file.flush();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot write to " + jsonl, e);
                }
            }
            if (!quiet && !isText()) {
                terminal().out().println(line);
            }
        }
        if (!quiet && isText()) {
            terminal().out().println(text(exchange));
        }
    }

    private String text(HttpEcho.Exchange exchange) {
        String answer = exchange.status() < 400
                ? terminal().style().green(String.valueOf(exchange.status()))
                : terminal().style().red(String.valueOf(exchange.status()));
        return CLOCK.format(exchange.at()) + " " + exchange.method() + " " + exchange.path() + " → " + answer + "  "
                + exchange.body().strip().replace("\n", " ");
    }

    private static Map<String, @Nullable Object> data(HttpEcho.Exchange exchange) {
        return Format.map(
                "event",
                "request",
                "number",
                exchange.number(),
                "at",
                exchange.at().toString(),
                "method",
                exchange.method(),
                "path",
                exchange.path(),
                "headers",
                exchange.headers(),
                "body",
                exchange.body(),
                "status",
                exchange.status());
    }
}
