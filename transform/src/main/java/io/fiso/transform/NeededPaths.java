// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.json.Digits;
import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Materializer;
import io.fiso.transform.json.PathTree;
import io.fiso.transform.json.Registers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which parts of the payload a set of expressions can look at; the rest is checked for being JSON, and skipped. Built once, then read only. */
final class NeededPaths {
    private final PathTree tree = new PathTree(this::next);
    private int registers;
    private final Part root = new Part(tree.register(List.of()));

    NeededPaths() {
        tree.seal();
    }

    /** All below this path, from the payload's root. */
    void add(List<String> path) {
        var part = root;
        var place = new ArrayList<String>();
        for (var name : path) {
            place.add(name);
            part = part.members.computeIfAbsent(name, _ -> new Part(tree.register(place)));
        }
        part.everything = true;
        tree.seal();
    }

    PathTree tree() {
        return tree;
    }

    /** How many registers the tree fills. */
    int registers() {
        return registers;
    }

    /** The payload as far as it is needed, once it has been scanned. */
    Object value(Registers r, Digits digits) {
        return root.value(r, digits);
    }

    private int next() {
        return registers++;
    }

    private static final class Part {
        private final Map<String, Part> members = new LinkedHashMap<>();
        private final int register;
        private boolean everything;

        Part(int register) {
            this.register = register;
        }

        Object value(Registers r, Digits digits) {
            if (everything || r.kind[register] != Kind.OBJECT) {
                return Materializer.value(r, register, digits);
            }
            var present = new LinkedHashMap<String, Object>();
            members.forEach((name, member) -> {
                if (r.kind[member.register] != Kind.ABSENT) {
                    present.put(name, member.value(r, digits));
                }
            });
            return present;
        }
    }
}
