// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.PathTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that expressions look into, and which of its parts. Two trees are the same only if they are one and the same object, or were made by looking
 * into equal values.
 */
final class Tree {
    /** What one member of the value is needed for. */
    record Part(List<String> members, int register) {}

    private final PathTree paths;
    private final Map<List<String>, Integer> registers = new LinkedHashMap<>();

    /** What value this looks into: null for the payload and for elements of loops. */
    final @Nullable Node base;

    /** With {@link #base}: looks into this element of it, not into itself. */
    final @Nullable Node index;

    /** How an index is looked up where the shorter ways end. */
    final @Nullable CallSite slow;

    /** The loop that sets it, if one does. */
    final boolean element;

    int number = -1;

    /** For an element of a list of the payload, the list's number; otherwise negative. */
    int list = -1;

    private Tree(
            IntSupplier nextRegister,
            @Nullable Node base,
            @Nullable Node index,
            @Nullable CallSite slow,
            boolean element) {
        this.paths = new PathTree(nextRegister);
        this.base = base;
        this.index = index;
        this.slow = slow;
        this.element = element;
    }

    static Tree payload(IntSupplier nextRegister) {
        return new Tree(nextRegister, null, null, null, false);
    }

    static Tree element(IntSupplier nextRegister) {
        return new Tree(nextRegister, null, null, null, true);
    }

    static Tree into(IntSupplier nextRegister, Node base) {
        return new Tree(nextRegister, base, null, null, false);
    }

    static Tree into(IntSupplier nextRegister, Node base, Node index, CallSite slow) {
        return new Tree(nextRegister, base, index, slow, false);
    }

    boolean isPayload() {
        return base == null && !element;
    }

    int register(List<String> members) {
        return registers.computeIfAbsent(members, paths::register);
    }

    PathTree paths() {
        return paths;
    }

    List<Part> parts() {
        var parts = new ArrayList<Part>();
        registers.forEach((members, register) -> parts.add(new Part(members, register)));
        return parts;
    }

    /** The elements of the list there are kept as rows. */
    void keepRows(List<String> members, int list) {
        register(members);
        paths.keepRows(members, list);
    }

    void seal() {
        paths.seal();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Tree that
                        && base != null
                        && base.equals(that.base)
                        && Objects.equals(index, that.index));
    }

    @Override
    public int hashCode() {
        return base == null ? System.identityHashCode(this) : Objects.hash(base, index);
    }
}
