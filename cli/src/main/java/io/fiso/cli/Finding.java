// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

/**
 * Something that a pipeline test found to be other than expected.
 *
 * @param line where in the test file the expectation stands
 * @param message what was expected and what was found; one line, or several
 */
record Finding(int line, String message) {}
