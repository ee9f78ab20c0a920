// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of a document.
 *
 * @param pipeline present exactly if there is no error
 * @param problems errors and warnings, in the order of the file
 */
public record Compilation(Optional<ResolvedPipeline> pipeline, List<Problem> problems) {
    public Compilation {
        problems = List.copyOf(problems);
    }

    public List<Problem> errors() {
        return problems.stream().filter(Problem::isError).toList();
    }

    public List<Problem> warnings() {
        return problems.stream().filter(p -> !p.isError()).toList();
    }

    /** Every problem as {@link Problem#render} shows it, an empty line between them. */
    public String render() {
        return problems.stream().map(Problem::render).collect(Collectors.joining("\n\n"));
    }
}
