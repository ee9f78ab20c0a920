// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.images.ImageNames;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the images of Fiso's components are called, where containers are started from them. */
final class ImageOptions {
    @Option(
            names = "--image-prefix",
            paramLabel = "PREFIX",
            defaultValue = "fiso",
            description = "Registry and path of the images of Fiso's components (default: fiso)")
    String prefix = "fiso";

    @Option(
            names = "--image-version",
            paramLabel = "TAG",
            description = "Their tag (default: the version of this fisoctl)")
    @Nullable
    String version;

    /** Whether somebody said anything. */
    boolean given() {
        return version != null || !prefix.equals("fiso");
    }

    ImageNames names() {
        return new ImageNames(prefix, Optional.ofNullable(version).orElseGet(VersionCommand::version));
    }
}
