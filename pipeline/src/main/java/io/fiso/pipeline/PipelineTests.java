// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.util.List;

/**
 * The tests of one file, and the pipeline that they are about.
 *
 * @param file the test file's name
 * @param source the pipeline's text
 * @param pipeline the pipeline, with nothing replaced
 * @param tests in the order of the file
 */
public record PipelineTests(String file, SourceText source, ResolvedPipeline pipeline, List<PipelineTest> tests) {
    public PipelineTests {
        tests = List.copyOf(tests);
    }
}
