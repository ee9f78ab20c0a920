// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which of Fiso's images there are; they are known by a label. */
public final class Inventory {
    /** Says what kind of image it is. */
    private static final String LABEL = "io.fiso.image";

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final DockerProgram docker;

    public Inventory(DockerProgram docker) {
        this.docker = docker;
    }

    /** All that have a name, by name. */
    public List<BuiltImage> all() throws IOException, InterruptedException {
        DockerProgram.Ended ended = docker.run(
                List.of(
                        "image",
                        "ls",
                        "--quiet",
                        "--no-trunc",
                        "--filter",
                        "label=" + LABEL,
                        "--filter",
                        "dangling=false"),
                LIMIT);
        List<String> ids = expect(ended).out().stream().distinct().toList();
        return ids.isEmpty() ? List.of() : inspect(ids);
    }

    /** One that is there. */
    public BuiltImage image(String name) throws IOException, InterruptedException {
        return inspect(List.of(name)).stream()
                .filter(image -> image.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IOException("the image \"" + name + "\" has gone"));
    }

    private List<BuiltImage> inspect(List<String> ids) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("image", "inspect"));
        arguments.addAll(ids);
        DockerProgram.Ended ended = expect(docker.run(arguments, LIMIT));
        List<BuiltImage> images = new ArrayList<>();
        for (JsonNode image : JsonMapper.shared().readTree(String.join("\n", ended.out()))) {
            JsonNode labels = image.path("Config").path("Labels");
            for (JsonNode name : image.path("RepoTags")) {
                images.add(new BuiltImage(
                        name.asString(),
                        labels.path(LABEL).asString(""),
                        labels.path("org.opencontainers.image.version").asString(""),
                        image.path("Size").asLong(),
                        image.path("Created").asString("")));
            }
        }
        images.sort(Comparator.comparing(BuiltImage::name));
        return images;
    }

    private static DockerProgram.Ended expect(DockerProgram.Ended ended) {
        if (!ended.ok()) {
            throw new CommandException(Failure.failed(
                    "images.docker_failed", Problem.Owner.EXTERNAL, "docker says: " + ended.lastLines(), ""));
        }
        return ended;
    }
}
