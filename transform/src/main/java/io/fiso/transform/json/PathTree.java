// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/**
 * The paths that expressions look at below one value, and the register that each fills. The root is the value itself. Built by one thread; read only,
 * and safe for all, after {@link #seal}.
 */
public final class PathTree {
    private PathTree() {}
}
