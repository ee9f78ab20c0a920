// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import io.fiso.driver.Capabilities;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.OutputTail;
import io.fiso.driver.ProcessIdentity;
import io.fiso.driver.Reach;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts components as processes of this machine, each in a session of its own, so that neither the terminal's Ctrl-C nor the death of this
 * process reaches it. A process is known by its id, its start time and a mark in its environment, all three.
 */
public final class ProcessDriver implements Driver {
    /** The driver's name. */
    public static final String NAME = "process";

    /** All that is inherited of this process's environment. */
    private static final List<String> INHERITED = List.of("PATH", "HOME", "TZ", "LANG");

    private static final Path NOTHING = Path.of("/dev/null");

    /** How long a process may have no environment to see before it is taken for a stranger, and how often it is looked at meanwhile. */
    private static final Duration EXEC_MAX = Duration.ofSeconds(10);

    private static final Duration EXEC_LOOK = Duration.ofMillis(5);

    private final JavaCommand java;
    private final Path setsid;
    private final LogRotation rotation = new LogRotation();

    public ProcessDriver(ProcessDriverConfig config) {
        this.java = new JavaCommand(config);
        this.setsid = Path.of("/usr/bin/setsid");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                Set.of(Capabilities.LaunchKind.JAVA, Capabilities.LaunchKind.COMMAND), true, false, true, false);
    }

    @Override
    public Reach reach() {
        return Reach.LOOPBACK;
    }

    @Override
    public Handle intent(LaunchSpec spec) {
        return ProcessInstance.intent(
                new LaunchMark(spec.mark()), spec.output().log(), spec.output().out());
    }

    @Override
    public Instance start(LaunchSpec spec) throws DriverException {
        LaunchMark mark = new LaunchMark(spec.mark());
        Map<String, String> environment = environment(spec, mark);
        List<String> command = new ArrayList<>();
        command.add(session());
        JavaCommand.Prepared prepared = command(spec.launch(), environment);
        command.addAll(prepared.command());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory(spec).toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            OutputTail errors = prepare(spec.output().log());
            prepare(spec.output().out());
            builder.redirectInput(NOTHING.toFile())
                    .redirectError(Redirect.appendTo(spec.output().log().toFile()))
                    .redirectOutput(Redirect.appendTo(spec.output().out().toFile()));
            Process process = builder.start();
            // A process that is dead before it could be looked at has no identity any more, and needs none.
            ProcessIdentity identity =
                    ProcessIdentity.of(process.pid()).orElse(new ProcessIdentity(process.pid(), "ended"));
            ProcessInstance instance =
                    new ProcessInstance(identity, mark, errors, spec.output().out(), process);
            instance.onEnd(_ -> prepared.afterEnd().run());
            return rotated(instance, spec.output().log(), spec.output().out());
        } catch (IOException e) {
            throw new DriverException(
                    "driver.start_failed",
                    "component \"" + spec.component() + "\" could not be started: " + e.getMessage(),
                    e);
        }
    }

    private Instance rotated(ProcessInstance instance, Path... files) {
        rotation.watch(instance, List.of(files));
        instance.onEnd(_ -> rotation.forget(instance));
        return instance;
    }

    /** The file exists, for its owner's eyes alone. */
    private OutputTail prepare(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        rotation.rotateIfLarge(file);
        return OutputTail.startingAtEndOf(file);
    }

    private static Map<String, String> environment(LaunchSpec spec, LaunchMark mark) {
        Map<String, String> environment = new java.util.HashMap<>();
        for (String name : INHERITED) {
            Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
        }
        environment.putAll(spec.env());
        environment.putAll(spec.contract());
        environment.put(LaunchMark.VARIABLE, mark.value());
        return environment;
    }

    private JavaCommand.Prepared command(LaunchSpec.Launch launch, Map<String, String> environment)
            throws DriverException {
        return switch (launch) {
            case LaunchSpec.Launch.Java program -> java.prepare(program);
            case LaunchSpec.Launch.Command program -> {
                List<String> command = new ArrayList<>(program.argv());
                command.set(
                        0,
                        program(program, environment.getOrDefault("PATH", "")).toString());
                yield new JavaCommand.Prepared(command, () -> {});
            }
            case LaunchSpec.Launch.Image image ->
                throw new DriverException(
                        "driver.no_images",
                        "the process driver cannot run the image \"" + image.name()
                                + "\"; use --driver docker, or give the component a command");
        };
    }

    private static Path program(LaunchSpec.Launch.Command command, String path) throws DriverException {
        String name = command.argv().getFirst();
        if (name.contains("/")) {
            Path program = command.directory().resolve(name).toAbsolutePath().normalize();
            if (Files.isExecutable(program) && !Files.isDirectory(program)) {
                return program;
            }
            throw new DriverException(
                    "driver.program_not_found",
                    "the program \"" + program + "\" "
                            + (Files.exists(program) ? "cannot be executed" : "does not exist")
                            + "; a command with a \"/\" is looked for from the pipeline file's directory");
        }
        for (String directory : path.split(File.pathSeparator)) {
            Path program = Path.of(directory, name);
            if (!directory.isEmpty() && Files.isExecutable(program) && !Files.isDirectory(program)) {
                return program.toAbsolutePath();
            }
        }
        throw new DriverException(
                "driver.program_not_found",
                "the program \"" + name + "\" is not in PATH (" + path + "); write \"./" + name
                        + "\" if it lies beside the pipeline file");
    }

    private static Path directory(LaunchSpec spec) {
        return spec.launch() instanceof LaunchSpec.Launch.Command command
                ? command.directory().toAbsolutePath()
                : spec.stateDirectory();
    }

    private String session() throws DriverException {
        if (!Files.isExecutable(setsid)) {
            throw new DriverException(
                    "driver.no_setsid",
                    "the program " + setsid
                            + " is missing; the process driver needs it (Debian and Ubuntu: package util-linux)");
        }
        return setsid.toString();
    }

    @Override
    public Optional<Instance> recover(Handle handle) throws DriverException {
        if (!handle.driver().equals(NAME) || handle.version() != ProcessInstance.HANDLE_VERSION) {
            throw new DriverException(
                    "driver.foreign_handle",
                    "a handle of driver \"" + handle.driver() + "\", version " + handle.version()
                            + ", is not one that this process driver reads");
        }
        LaunchMark mark = new LaunchMark(handle.field("mark"));
        Optional<ProcessIdentity> found = identity(handle, mark);
        if (found.isPresent()) {
            OutputTail errors = new OutputTail(Path.of(handle.field("log")), Long.parseLong(handle.field("log_from")));
            Path out = Path.of(handle.field("out"));
            ProcessInstance instance = new ProcessInstance(found.get(), mark, errors, out, null);
            return Optional.of(rotated(instance, errors.file(), out));
        }
        // It is gone; what it may have left behind carries the mark, and must not outlive it.
        mark.holders().forEach(pid -> Signals.process(pid, Signals.KILL));
        return Optional.empty();
    }

    /** The process that proves to be the one: by id, start time and mark, or, of an intent, by the mark alone. */
    private static Optional<ProcessIdentity> identity(Handle handle, LaunchMark mark) throws DriverException {
        if (!handle.fields().containsKey("pid")) {
            return mark.leader();
        }
        ProcessIdentity stored = new ProcessIdentity(Long.parseLong(handle.field("pid")), handle.field("started"));
        return Optional.of(stored).filter(identity -> proven(identity, mark));
    }

    /** Who replaces its program has no environment to see for a moment: it is a stranger only if the mark does not show up. */
    private static boolean proven(ProcessIdentity identity, LaunchMark mark) {
        long until = System.nanoTime() + EXEC_MAX.toNanos();
        while (identity.alive()) {
            if (mark.isOn(identity.pid())) {
                return true;
            }
            if (System.nanoTime() - until > 0) {
                return false;
            }
            LockSupport.parkNanos(EXEC_LOOK.toNanos());
        }
        return false;
    }

    @Override
    public void close() {
        rotation.close();
    }
}
