// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One {@code fisoctl}, in a session and process group of its own as a terminal would give it, with all that it prints. */
final class FisoctlProcess implements AutoCloseable {
    private final List<String> arguments;
    private final Process process;
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();
    private final Thread outReader;
    private final Thread errReader;

    private FisoctlProcess(List<String> arguments, Process process) {
        this.arguments = arguments;
        this.process = process;
        this.outReader = reading(() -> collect(process.inputReader(StandardCharsets.UTF_8), out));
        this.errReader = reading(() -> collect(process.errorReader(StandardCharsets.UTF_8), err));
    }

    static FisoctlProcess start(Path directory, Map<String, String> environment, List<String> arguments)
            throws IOException {
        Distribution.require("setsid");
        // A build that runs in the background has its children ignore SIGINT; a terminal has not.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,QUIT", "setsid"));
        command.add(Distribution.home().resolve("bin/fisoctl").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FISO_") || name.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return new FisoctlProcess(arguments, builder.start());
    }

    /** No virtual thread: one that reads a pipe keeps its carrier, and two of them may keep all that there are. */
    private static Thread reading(Runnable work) {
        return Thread.ofPlatform().daemon().name("fisoctl-output").start(work);
    }

    private static void collect(BufferedReader reader, StringBuffer into) {
        char[] buffer = new char[8192];
        try (reader) {
            for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
                into.append(buffer, 0, n);
            }
        } catch (IOException _) {
            // The process is gone; what was read is what there is.
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it wrote to stdout so far. */
    String out() {
        return out.toString();
    }

    /** What it wrote to stderr so far. */
    String err() {
        return err.toString();
    }

    /** The lines of stdout so far. */
    List<String> outLines() {
        return out().lines().toList();
    }

    /** The envelope it ended with under {@code -o json}: all of stdout, or its last line if it streamed. */
    JsonNode envelope() {
        String text = out().strip();
        int begin = text.startsWith("{\n") || text.startsWith("{\r") ? 0 : text.lastIndexOf('\n') + 1;
        try {
            JsonNode envelope = JsonMapper.shared().readTree(text.substring(begin));
            for (String field : List.of("command", "ok", "summary", "result", "error")) {
                if (!envelope.has(field)) {
                    throw new AssertionError("the envelope has no \"" + field + "\"\n" + this);
                }
            }
            return envelope;
        } catch (tools.jackson.core.JacksonException e) {
            throw new AssertionError("stdout does not end with an envelope: " + e.getMessage() + "\n" + this, e);
        }
    }

    /** Waits until stdout or stderr contains this text. */
    FisoctlProcess awaitText(String text, Duration deadline) throws Exception {
        Eventually.until(
                deadline,
                () -> {
                    if (out().contains(text) || err().contains(text)) {
                        return true;
                    }
                    if (!process.isAlive()) {
                        join();
                        if (!out().contains(text) && !err().contains(text)) {
                            throw new AssertionError("ended without saying \"" + text + "\"\n" + this);
                        }
                    }
                    return false;
                },
                () -> "\"" + text + "\" in the output\n" + this);
        return this;
    }

    /** Waits for its end; the exit code, 128 + n for death by signal n. */
    int awaitExit(Duration deadline) throws InterruptedException {
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("did not end within " + deadline.toSeconds() + " s\n" + this);
        }
        join();
        return process.exitValue();
    }

    /** Waits for its end, which must have this exit code. */
    FisoctlProcess expectExit(int code, Duration deadline) throws InterruptedException {
        int actual = awaitExit(deadline);
        if (actual != code) {
            throw new AssertionError("exit code " + actual + " instead of " + code + "\n" + this);
        }
        return this;
    }

    private void join() throws InterruptedException {
        outReader.join(Duration.ofSeconds(5));
        errReader.join(Duration.ofSeconds(5));
    }

    /** Sends a signal to this process alone. */
    void signal(String name) throws Exception {
        kill(name, Long.toString(process.pid()));
    }

    /** Ctrl-C as a terminal does it: SIGINT to everyone in the foreground group. */
    void controlC() throws Exception {
        kill("INT", "-" + process.pid());
    }

    static void kill(String signal, String target) throws Exception {
        int code = new ProcessBuilder("kill", "-s", signal, "--", target)
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill -s " + signal + " " + target + " failed with " + code);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** For messages: what was run, how it ended, what it said. */
    @Override
    public String toString() {
        String state = process.isAlive() ? "running as " + process.pid() : "exit code " + process.exitValue();
        return "fisoctl " + String.join(" ", arguments) + " (" + state + ")\n--- stdout\n" + tail(out())
                + "\n--- stderr\n" + tail(err()) + "\n---";
    }

    private static String tail(String text) {
        int limit = 6000;
        return text.length() <= limit ? text : "…" + text.substring(text.length() - limit);
    }
}
