// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.util.List;
import java.util.Optional;

/** @param next where the page after begins; empty if this is the last */
public record JobPage(List<Job> jobs, Optional<String> next) {}
