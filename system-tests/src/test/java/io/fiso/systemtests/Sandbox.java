// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A user of their own for one test: a directory to work in and a state home. What still runs at the end is killed; the files stay if the
 * test failed.
 */
final class Sandbox implements AutoCloseable {
    /** Long enough for a cold start on a busy machine; never waited out when all is well. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Reports are a second old at most, and a control plane may be busy. */
    private static final Duration AUDITED = Duration.ofSeconds(60);

    private static final Set<String> FINAL = Set.of("COMPLETED", "STOPPED", "FAILED");

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final List<FisoctlProcess> started = new ArrayList<>();

    private Sandbox(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        environment.put("FISO_STATE_HOME", stateHome().toString());
        environment.put("XDG_STATE_HOME", directory.resolve("xdg-state").toString());
        // Start-up caches are shared: making them anew for every test would measure nothing but that.
        environment.put(
                "XDG_CACHE_HOME", Distribution.scratch().resolve("cache").toString());
        environment.put("FISO_JAVA_HOME", System.getProperty("java.home"));
        environment.put("NO_COLOR", "1");
    }

    static Sandbox in(Path directory) throws IOException {
        delete(directory);
        return new Sandbox(directory);
    }

    Path directory() {
        return directory;
    }

    Path stateHome() {
        return directory.resolve("state");
    }

    /** Sets a variable for every fisoctl started from now on. */
    Sandbox with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Writes a file into the working directory. */
    Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** Starts a fisoctl. */
    FisoctlProcess start(Object... arguments) throws IOException {
        List<String> words = Stream.of(arguments).map(String::valueOf).toList();
        FisoctlProcess process = FisoctlProcess.start(directory, environment, words);
        started.add(process);
        return process;
    }

    /** Runs a fisoctl to its end, which must be success. */
    FisoctlProcess succeed(Object... arguments) throws Exception {
        return end(0, arguments);
    }

    /** Runs a fisoctl to its end, which must have this exit code. */
    FisoctlProcess end(int code, Object... arguments) throws Exception {
        return start(arguments).expectExit(code, PATIENCE);
    }

    /** Starts a pipeline on ports of its own choice, so that tests meet nobody. */
    FisoctlProcess run(PipelineFile file, Object... more) throws IOException {
        List<Object> words =
                new ArrayList<>(List.of("run", file.write(directory), "--grpc-port", "0", "--http-port", "0"));
        words.addAll(List.of(more));
        return start(words.toArray());
    }

    /** Runs a bounded pipeline to its end; what its envelope says. */
    RunReport complete(PipelineFile file) throws Exception {
        FisoctlProcess run = run(file, "-o", "json").expectExit(0, PATIENCE);
        RunReport report = new RunReport(run.envelope().get("result"), run::toString);
        report.expectState("COMPLETED");
        return report;
    }

    /** The components that run now. */
    List<ComponentProcess> components() {
        return ComponentProcess.under(stateHome());
    }

    /** Waits for the one process of this component. */
    ComponentProcess component(String id) throws Exception {
        Eventually.until(PATIENCE, () -> !components(id).isEmpty(), () -> "no process of \"" + id + "\"" + started);
        return components(id).getFirst();
    }

    private List<ComponentProcess> components(String id) {
        return components().stream().filter(c -> c.component().equals(id)).toList();
    }

    /** Waits for a process of this component other than that one. */
    ComponentProcess successor(ComponentProcess old, Duration deadline) throws Exception {
        Eventually.until(
                deadline,
                () -> components(old.component()).stream().anyMatch(c -> c.pid() != old.pid()),
                () -> "\"" + old.component() + "\" was not started again" + started);
        return components(old.component()).stream()
                .filter(c -> c.pid() != old.pid())
                .findFirst()
                .orElseThrow();
    }

    /** Waits until a pipeline's run is in this state. */
    RunReport awaitState(String pipeline, String state) throws Exception {
        return awaitReport(pipeline, state, PATIENCE, report -> {
            if (FINAL.contains(report.state()) && !FINAL.contains(state)) {
                throw new AssertionError(pipeline + " has ended: " + report + started);
            }
            return report.state().equals(state);
        });
    }

    /** Waits until what {@code run-info} tells of a pipeline's newest run is as wanted. */
    RunReport awaitReport(String pipeline, String wanted, Duration deadline, Predicate<RunReport> condition)
            throws Exception {
        RunReport[] last = new RunReport[1];
        Eventually.until(
                deadline,
                () -> {
                    Optional<RunReport> report = report(pipeline);
                    report.ifPresent(one -> last[0] = one);
                    return report.isPresent() && condition.test(report.get());
                },
                () -> pipeline + " is not " + wanted + ": " + last[0] + started);
        return last[0];
    }

    /** What {@code run-info} tells of a pipeline's newest run, if there is one. */
    Optional<RunReport> report(String pipeline) throws Exception {
        FisoctlProcess info = start("pipelines", "run-info", pipeline, "-o", "json");
        int code = info.awaitExit(PATIENCE);
        started.remove(info);
        return code == 0 ? Optional.of(new RunReport(info.envelope().get("result"), info::toString)) : Optional.empty();
    }

    /** What {@code fisoctl audit} says now of a pipeline's newest run; it must hold. */
    AuditReport audit(String pipeline) throws Exception {
        FisoctlProcess audit = succeed("audit", pipeline, "-o", "json");
        started.remove(audit);
        return new AuditReport(audit);
    }

    /** Waits until an audit says this, since reports come once a second; it must hold at every look. */
    AuditReport expectAudit(String pipeline, AuditReport.Sum expected) throws Exception {
        AuditReport[] last = new AuditReport[1];
        Eventually.until(
                AUDITED,
                () -> {
                    last[0] = audit(pipeline);
                    return last[0].says(expected);
                },
                () -> "the audit of " + pipeline + " says " + expected + ": " + last[0] + started + logs());
        last[0].expect(expected);
        return last[0];
    }

    /** Waits for a broker that a run has started, other than that process; 0 for any. */
    BackgroundBroker broker(long otherThan) throws Exception {
        Eventually.until(
                PATIENCE,
                () -> BackgroundBroker.of(stateHome())
                        .filter(broker -> broker.pid() != otherThan)
                        .isPresent(),
                () -> "a broker other than process " + otherThan + started + logs());
        return BackgroundBroker.of(stateHome()).orElseThrow();
    }

    /** Waits until no component is left. A broker may be: it stays for a while, for whoever comes next. */
    void expectNoChild() throws Exception {
        Eventually.until(PATIENCE, () -> components().isEmpty(), () -> "left behind: " + components() + started);
    }

    /** The machine loses power, as far as this user is concerned: everything is killed at once. */
    void killEverything() throws Exception {
        for (FisoctlProcess process : started) {
            process.close();
        }
        for (ComponentProcess component : components()) {
            ProcessHandle.of(component.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        BackgroundBroker.endAll(stateHome());
        expectNoChild();
    }

    /** The logs of all components, for messages. */
    String logs() {
        StringBuilder text = new StringBuilder();
        if (!Files.exists(stateHome())) {
            return "";
        }
        try (Stream<Path> files = Files.walk(stateHome())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
                String log = Files.readString(file);
                text.append("\n--- ").append(stateHome().relativize(file)).append('\n');
                text.append(log.substring(Math.max(0, log.length() - 3000)));
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            text.append(e);
        }
        return text.toString();
    }

    @Override
    public void close() throws Exception {
        killEverything();
    }

    private void discard() throws IOException {
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Gives each test that asks for one its sandbox. */
    static final class Extension implements ParameterResolver, AfterEachCallback {
        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Sandbox.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Sandbox.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            String name = context.getRequiredTestClass().getSimpleName() + "."
                    + context.getRequiredTestMethod().getName() + "."
                    + Math.abs(context.getUniqueId().hashCode() % 1000);
            try {
                Sandbox sandbox = Sandbox.in(Distribution.scratch().resolve(name));
                context.getStore(NAMESPACE).put(Sandbox.class, sandbox);
                return sandbox;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void afterEach(ExtensionContext context) throws Exception {
            Sandbox sandbox = context.getStore(NAMESPACE).remove(Sandbox.class, Sandbox.class);
            if (sandbox == null) {
                return;
            }
            sandbox.close();
            if (context.getExecutionException().isPresent()) {
                System.out.println(
                        "files of " + context.getDisplayName() + " in " + sandbox.directory + sandbox.logs());
            } else {
                sandbox.discard();
            }
        }
    }
}
