// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.util.List;

/** What a pipeline would do, for {@code fisoctl plan}: the graph and every component's resolved config, secrets hidden. */
public final class PlanView {
    private PlanView() {}

    /** For a terminal. */
    public static String text(ResolvedPipeline pipeline, List<Problem> warnings) {
        throw new UnsupportedOperationException("not here yet");
    }

    /** The same as JSON text. */
    public static String json(ResolvedPipeline pipeline, List<Problem> warnings) {
        throw new UnsupportedOperationException("not here yet");
    }
}
