// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a component says of itself in its component.yaml.
 *
 * @param eventsIn types it takes; empty means any
 * @param eventsOut types it emits; empty means any
 * @param aliases shorter names for {@code type}, unique per kind
 * @param directory where its component.yaml is
 * @param configSchema JSON Schema 2020-12 of its config
 */
public record Descriptor(
        String name,
        ResolvedComponent.Kind kind,
        String description,
        String version,
        List<String> eventsIn,
        List<String> eventsOut,
        List<String> aliases,
        Capabilities capabilities,
        Start start,
        Path directory,
        JsonNode configSchema) {

    /** What it can do, declared. */
    public record Capabilities(boolean rawRecords, boolean bounded, boolean checkpoint, boolean replicas) {}

    /** How it is started. */
    public sealed interface Start {
        /** The jar {@code <name>.jar} beside the descriptor. */
        record Java(List<String> jvmArgs) implements Start {}

        /** A command; a relative program is looked for beside the descriptor. */
        record Command(List<String> argv) implements Start {}
    }
}
