// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** The schemas that ship with this module. */
final class Schemas {
    private Schemas() {}

    private static final class Pipeline {
        static final JsonNode INSTANCE = JsonView.MAPPER.readTree(text("pipeline.schema.json"));
    }

    private static final class Component {
        static final JsonNode INSTANCE = JsonView.MAPPER.readTree(text("component.schema.json"));
    }

    private static final class PipelineTest {
        static final JsonNode INSTANCE = JsonView.MAPPER.readTree(text("pipeline-test.schema.json"));
    }

    static JsonNode pipeline() {
        return Pipeline.INSTANCE;
    }

    static JsonNode pipelineTest() {
        return PipelineTest.INSTANCE;
    }

    static JsonNode component() {
        return Component.INSTANCE;
    }

    static String text(String resource) {
        try (var in = Schemas.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + resource + " is missing from this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
