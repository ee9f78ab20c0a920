// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.cli.output.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void installComponents() throws IOException {
        for (String name : List.of("generator-source", "http-sink")) {
            Path target = directory.resolve("components").resolve(name);
            Files.createDirectories(target);
            Files.copy(Path.of("..", "components", name, "component.yaml"), target.resolve("component.yaml"));
        }
        host = new RecordedHost(directory);
    }

    @Test
    void printsManifestsThatAreYamlAndNothingElse() throws IOException {
        int exit = host.run(
                "export",
                "--format",
                "k8s",
                pipeline("https://orders.example/in"),
                "--image-prefix",
                "registry.example/f",
                "--image-version",
                "7");

        assertThat(host.err()).isEmpty();
        assertThat(exit).isZero();
        assertThat(host.out())
                .startsWith("---\napiVersion: \"v1\"\nkind: \"ConfigMap\"\n")
                .contains("image: \"registry.example/f/http-sink:7\"")
                .contains("namespace: \"of-the-file\"")
                .contains("fiso-control-plane.of-the-file.svc:8080")
                .contains("REPLACE-ME")
                .doesNotContain("hunter2-of-the-sink");
    }

    @Test
    void printsSecretsOnlyWhenAsked() throws IOException {
        int exit = host.run(
                "export",
                "--format",
                "k8s",
                "--show-secrets",
                "--namespace",
                "mine",
                pipeline("https://orders.example/in"));

        assertThat(exit).isZero();
        assertThat(host.out()).contains("hunter2-of-the-sink").contains("namespace: \"mine\"");
    }

    @Test
    void answersInTheEnvelopeToo() throws IOException {
        assertThat(host.run("export", "--format", "k8s", "-o", "json", pipeline("https://orders.example/in")))
                .isZero();

        Map<?, ?> envelope = (Map<?, ?>) Format.parse(host.out());
        Map<?, ?> result = (Map<?, ?>) envelope.get("result");
        assertThat((List<?>) result.get("objects")).hasSize(10);
    }

    @Test
    void refusesLoopbackAddresses() throws IOException {
        int exit = host.run("export", "--format", "k8s", pipeline("http://localhost:3000/in"));

        assertThat(exit).isEqualTo(2);
        assertThat(host.out()).isEmpty();
        assertThat(host.err()).contains("pipeline.loopback_address").contains("localhost");
    }

    @Test
    void refusesCommandsWithoutAnImage() throws IOException {
        Path file = directory.resolve("command.yaml");
        Files.writeString(
                file,
                Files.readString(Path.of(pipeline("https://x.example/")))
                        .replace("type: http-sink", "command: [./sink.py]"));

        assertThat(host.run("export", "--format", "k8s", file.toString())).isEqualTo(2);
        assertThat(host.err()).contains("error[driver.needs_image]").contains("./sink.py");
    }

    @Test
    void refusesNamesThatAreNoNamespaces() throws IOException {
        assertThat(host.run("export", "--format", "k8s", "--namespace", "Mine!", pipeline("https://x.example/")))
                .isEqualTo(2);
        assertThat(host.err()).contains("error[export.bad_namespace]").contains("\"Mine!\"");
    }

    @Test
    void asksForTheFormat() throws IOException {
        assertThat(host.run("export", pipeline("https://x.example/"))).isEqualTo(2);
        assertThat(host.err()).contains("--format");
    }

    private String pipeline(String url) throws IOException {
        Path file = directory.resolve("orders.yaml");
        Path secret = directory.resolve("key");
        Files.writeString(secret, "hunter2-of-the-sink");
        Files.writeString(file, """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: orders, namespace: of-the-file}
                spec:
                  sources:
                    - id: gen
                      type: generator-source
                      config: {count: 10}
                  sinks:
                    - id: out
                      type: http-sink
                      inputs: [gen]
                      config: {url: "%s"}
                      secrets: {API_KEY: {file: key}}
                """.formatted(url));
        return file.toString();
    }
}
