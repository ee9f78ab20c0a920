// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.List;

/**
 * A member's place in a group.
 *
 * @param assigned its partitions, each with what the group has committed of it
 */
public record Membership(String member, long generation, List<Position> assigned) {}
