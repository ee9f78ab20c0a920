// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the runtime image stands on.
 *
 * @param image the image's name; {@value #SCRATCH} for none
 * @param why how it came to be this one, for people
 */
public record Base(String image, String why) {
    static final String SCRATCH = "scratch";
    static final String PREFERRED = "debian:12-slim";

    /** A registry that does not answer is one that is out of reach. */
    private static final Duration PULL_MAX = Duration.ofMinutes(2);

    /**
     * The one that was asked for; else the preferred one if it is here or can be pulled; else none.
     *
     * @throws CommandException exit code 1, if the one that was asked for can be had neither way
     */
    public static Base choose(DockerProgram docker, Optional<String> asked) throws IOException, InterruptedException {
        String image = asked.orElse(PREFERRED);
        if (image.equals(SCRATCH)) {
            return new Base(SCRATCH, "as asked for");
        }
        if (docker.has(image)) {
            return new Base(image, asked.isPresent() ? "as asked for" : "it is here");
        }
        DockerProgram.Ended pull = pull(docker, image);
        if (pull.ok()) {
            return new Base(image, asked.isPresent() ? "as asked for, pulled" : "pulled");
        }
        if (asked.isPresent()) {
            throw new CommandException(Failure.failed(
                    "images.no_base",
                    Problem.Owner.EXTERNAL,
                    "the base \"" + image + "\" is not here and cannot be pulled:\n" + pull.lastLines(),
                    "name one that can be pulled, load it (docker load), or use --base scratch"));
        }
        return new Base(SCRATCH, image + " is not here and cannot be pulled; with this machine's C library");
    }

    private static DockerProgram.Ended pull(DockerProgram docker, String image)
            throws IOException, InterruptedException {
        try {
            return docker.run(List.of("pull", "--quiet", image), PULL_MAX);
        } catch (CommandException e) {
            return new DockerProgram.Ended(1, List.of(), List.of(e.failure().message()));
        }
    }

    /** Whether nothing is there but what is put there. */
    public boolean isScratch() {
        return image.equals(SCRATCH);
    }
}
