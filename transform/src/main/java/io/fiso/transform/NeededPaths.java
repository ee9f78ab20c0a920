// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which parts of the payload a set of expressions can look at; the rest is checked for being JSON, and skipped. Built once, then read only. */
final class NeededPaths {
    private final Map<String, NeededPaths> children = new HashMap<>();
    private boolean everything;

    /** All below this path, from the payload's root. */
    void add(List<String> path) {
        var node = this;
        for (var name : path) {
            node = node.children.computeIfAbsent(name, _ -> new NeededPaths());
        }
        node.everything = true;
    }

    boolean everything() {
        return everything;
    }

    /** What is needed below a member; null if nothing is. */
    @Nullable
    NeededPaths member(String name) {
        return children.get(name);
    }

    boolean nothing() {
        return !everything && children.isEmpty();
    }
}
