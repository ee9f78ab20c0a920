// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code images} says where there is no docker as it should be; a script stands in for it. */
@Timeout(120)
class ImagesCommandsTest {
    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void fresh() throws Exception {
        Files.createDirectories(directory.resolve("components"));
        host = new RecordedHost(directory);
    }

    @Test
    void saysWhatToInstallWhereThereIsNoDocker() {
        int exit = host.run("images", "build", "--docker", "/nowhere/docker");

        assertThat(exit).isEqualTo(3);
        assertThat(host.err())
                .contains("error[images.no_docker]: there is no program \"/nowhere/docker\"")
                .contains("apt-get install docker.io");
    }

    @Test
    void saysThatNoEngineRuns() throws Exception {
        Path docker = docker("echo 'Cannot connect to the Docker daemon at unix:///x. Is it running?' >&2; exit 1");

        assertThat(host.run("images", "list", "--docker", docker.toString(), "-o", "json"))
                .isEqualTo(3);

        assertThat(host.out()).contains("images.docker_not_running", "Cannot connect", "systemctl start docker");
    }

    @Test
    void saysThatTheUserMayNotUseTheEngine() throws Exception {
        Path docker = docker("echo 'Got permission denied while trying to connect' >&2; exit 1");

        assertThat(host.run("images", "build", "--docker", docker.toString())).isEqualTo(3);

        assertThat(host.err()).contains("error[images.docker_denied]").contains("group \"docker\"");
    }

    @Test
    void endsWhereTheBaseThatWasAskedForCannotBeHad() throws Exception {
        Path docker = docker("""
                case "$1" in
                  version) echo 20.10.24 ;;
                  *) echo "no such host: $*" >&2; exit 1 ;;
                esac
                """);

        int exit = host.run("images", "build", "--base", "example/base:1", "--docker", docker.toString());

        assertThat(exit).isEqualTo(1);
        assertThat(host.err())
                .contains("error[images.no_base]: the base \"example/base:1\"")
                .contains("no such host: pull --quiet example/base:1");
    }

    @Test
    void refusesComponentsThatThereAreNot() throws Exception {
        assertThat(host.run("images", "build", "nul-sink")).isEqualTo(2);

        assertThat(host.err()).contains("error[images.unknown_component]: there is no component \"nul-sink\"");
    }

    @Test
    void listsWhatIsHere() throws Exception {
        Path docker = docker("""
                case "$1 $2" in
                  "version --format") echo 20.10.24 ;;
                  "image ls") echo sha256:1; echo sha256:1 ;;
                  "image inspect") echo '[{"RepoTags": ["fiso/null-sink:1"], "Size": 189600000, "Created": "2026-01-31T00:00:00Z",'
                    echo '"Config": {"Labels": {"io.fiso.image": "component", "org.opencontainers.image.version": "1"}}}]' ;;
                esac
                """);

        assertThat(host.run("images", "list", "--docker", docker.toString())).isZero();

        assertThat(host.out()).containsPattern("fiso/null-sink:1 +component +1 +190 MB +2026-01-31");
    }

    /** A program that behaves so. */
    private Path docker(String script) throws Exception {
        Path program = Files.writeString(directory.resolve("docker"), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
