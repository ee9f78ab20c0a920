// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.controlplane.ControlFile;
import io.fiso.driver.DriverException;
import io.fiso.driver.docker.DockerDriver;
import io.fiso.driver.docker.DockerDriverConfig;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Is this machine fit? */
@Command(
        name = "doctor",
        description = "Check what Fiso needs on this machine, and say what to do about what is missing")
final class DoctorCommand extends Verb {
    private static final long FREE_BYTES_MIN = 512L << 20;

    DoctorCommand(Host host) {
        super(host);
    }

    private enum Verdict {
        OK,
        NOTE,
        BAD
    }

    private record Finding(Verdict verdict, String subject, String found, String remedy) {}

    @Override
    Answer answer() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(components());
        findings.add(setsid());
        findings.add(docker());
        findings.add(directory("state", host.stateHome(), Verdict.BAD));
        findings.add(directory("cache", host.cacheHome(), Verdict.NOTE));
        findings.add(port("gRPC", 8080));
        findings.add(port("HTTP", 9090));
        findings.add(kafka());
        findings.add(broker());
        findings.add(running());
        long bad = findings.stream().filter(f -> f.verdict() == Verdict.BAD).count();
        Object result = Format.map(
                "findings",
                findings.stream()
                        .map(f -> Format.map(
                                "verdict",
                                f.verdict().name().toLowerCase(java.util.Locale.ROOT),
                                "subject",
                                f.subject(),
                                "found",
                                f.found(),
                                "remedy",
                                f.remedy()))
                        .toList());
        String text = String.join("\n", findings.stream().map(this::line).toList());
        if (bad > 0) {
            return Answer.failed(
                    new Failure(
                            "env.unfit",
                            Problem.Owner.EXTERNAL,
                            ExitCode.ENVIRONMENT,
                            PipelineFile.count(bad, "thing") + " must be put right",
                            "",
                            List.of()),
                    result,
                    text);
        }
        return Answer.ok("this machine is fit for Fiso", result, text);
    }

    private String line(Finding finding) {
        String mark = switch (finding.verdict()) {
            case OK -> terminal().style().green("✓");
            case NOTE -> terminal().style().yellow("·");
            case BAD -> terminal().style().red("✗");
        };
        return mark + " " + finding.subject() + ": " + finding.found()
                + (finding.remedy().isEmpty() ? "" : "\n    " + finding.remedy());
    }

    private static Finding java() {
        int version = Runtime.version().feature();
        return new Finding(
                version == 25 ? Verdict.OK : Verdict.BAD,
                "Java",
                Runtime.version() + " in " + System.getProperty("java.home"),
                version == 25 ? "" : "Fiso is built for Java 25: set FISO_JAVA_HOME");
    }

    private Finding components() {
        ComponentCatalog catalog = ComponentCatalog.load(PipelineFile.environment(host));
        boolean usable = !catalog.components().isEmpty() && catalog.problems().isEmpty();
        return new Finding(
                catalog.components().isEmpty() ? Verdict.BAD : usable ? Verdict.OK : Verdict.NOTE,
                "components",
                catalog.components().size() + " in " + host.fisoHome().resolve("components"),
                catalog.components().isEmpty()
                        ? "the distribution is incomplete: build or unpack it again"
                        : String.join(
                                "\n    ",
                                catalog.problems().stream().map(Problem::render).toList()));
    }

    private static Finding setsid() {
        boolean there = Files.isExecutable(Path.of("/usr/bin/setsid"));
        return new Finding(
                there ? Verdict.OK : Verdict.BAD,
                "process driver",
                there ? "/usr/bin/setsid" : "/usr/bin/setsid is missing",
                there ? "" : "install util-linux");
    }

    /** Nobody needs it who runs processes. */
    private static Finding docker() {
        try (DockerDriver driver = new DockerDriver(DockerDriverConfig.of(VersionCommand.version()))) {
            return new Finding(Verdict.OK, "docker driver", "engine " + driver.engine(), "");
        } catch (DriverException e) {
            return new Finding(
                    Verdict.NOTE,
                    "docker driver",
                    String.valueOf(e.getMessage()),
                    "only --driver docker and \"fisoctl images\" need one");
        }
    }

    private static Finding directory(String name, Path directory, Verdict ifNot) {
        try {
            Files.createDirectories(directory);
            Path probe = Files.createTempFile(directory, "doctor", ".tmp");
            Files.delete(probe);
            long free = Files.getFileStore(directory).getUsableSpace();
            boolean enough = free >= FREE_BYTES_MIN;
            return new Finding(
                    enough ? Verdict.OK : Verdict.NOTE,
                    name + " directory",
                    directory + ", " + (free >> 20) + " MiB free",
                    enough ? "" : "make room: a pipeline that cannot write stops");
        } catch (IOException e) {
            return new Finding(
                    ifNot,
                    name + " directory",
                    "cannot write to " + directory + ": " + describe(e),
                    "make it writable");
        }
    }

    private static Finding port(String what, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
            return new Finding(Verdict.OK, "port " + port, "free (" + what + " of the control plane)", "");
        } catch (IOException _) {
            return new Finding(
                    Verdict.NOTE, "port " + port, "taken; run chooses another for " + what + " and says so", "");
        }
    }

    private Finding kafka() {
        Optional<String> running = DevKafka.findRunning(host);
        return new Finding(
                Verdict.OK,
                "Kafka for developers",
                running.map(address -> "runs at " + address).orElse("not running; \"fisoctl dev kafka\" starts one"),
                "");
    }

    private Finding broker() {
        LocalBroker local = new LocalBroker(host);
        return new Finding(
                Verdict.OK,
                "broker",
                local.find()
                        .map(found -> "runs at " + found.address() + ", process " + found.pid() + ", data in "
                                + local.directory())
                        .orElse("not running; a pipeline that needs one starts it"),
                "");
    }

    private Finding running() {
        List<ControlFile> live = ControlFile.allLive(host.stateHome());
        return new Finding(
                Verdict.OK,
                "pipelines",
                live.isEmpty()
                        ? "none runs"
                        : String.join(
                                ", ",
                                live.stream()
                                        .map(file -> (file.server() ? "the server" : file.pipeline()) + " at "
                                                + file.grpcAddress())
                                        .toList()),
                "");
    }
}
