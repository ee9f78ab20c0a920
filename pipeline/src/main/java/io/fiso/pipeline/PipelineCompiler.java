// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.util.Optional;

/** From text to a graph: parse, validate, resolve. Pure but for {@link Environment}; never throws on account of what the text says. */
public final class PipelineCompiler {
    private PipelineCompiler() {}

    /**
     * How to compile.
     *
     * @param driver wins over the document's {@code spec.driver}
     */
    public record Options(Optional<String> driver) {
        public static final Options DEFAULT = new Options(Optional.empty());
    }

    /** Compiles one document of kind Pipeline or FlowDefinition. */
    public static Compilation compile(
            SourceText source, ComponentCatalog catalog, Environment environment, Options options) {
        throw new UnsupportedOperationException("not here yet");
    }

    /** The JSON Schema (2020-12) of pipeline documents. */
    public static String schema() {
        throw new UnsupportedOperationException("not here yet");
    }
}
