// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.List;

/** What there is of a stream. */
public record StreamDescription(List<PartitionDescription> partitions, List<GroupDescription> groups) {}
