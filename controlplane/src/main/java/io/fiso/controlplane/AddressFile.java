// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the components of one pipeline find its control plane again: {@code FISO_CONTROL_FILE}. It is there while the pipeline has a control plane; what one
 * that was killed has left names an address where nobody answers, or another's control plane, which refuses. It holds no secret and lies in a directory of
 * its own, since containers see that directory.
 *
 * @param address host:port, as the components reach it
 * @param pipeline the pipeline
 * @param run its present run
 */
record AddressFile(String address, String pipeline, String run) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Where it lies in a pipeline's directory. */
    static Path in(Path pipelineDirectory) {
        return pipelineDirectory.resolve("control").resolve("address.json");
    }

    /** Writes it in one step: nobody ever reads half a file. */
    void write(Path file) throws IOException {
        PrivateFiles.directory(Objects.requireNonNull(file.getParent()));
        PrivateFiles.write(file, JSON.writeValueAsBytes(this));
    }

    /** Removes it, unless it tells of another run by now. */
    void remove(Path file) throws IOException {
        if (read(file).filter(this::equals).isPresent()) {
            Files.deleteIfExists(file);
        }
    }

    private static Optional<AddressFile> read(Path file) throws IOException {
        try {
            return Optional.of(JSON.readValue(Files.readString(file), AddressFile.class));
        } catch (NoSuchFileException | JacksonException _) {
            return Optional.empty();
        }
    }
}
