// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.PathTree;
import java.util.List;

/**
 * What generated code refers to by number.
 *
 * @param registers how many registers a frame needs
 * @param loops how many loops can be under way at once
 * @param payload the tree of the payload
 * @param constants the values that stand in registers from the start
 * @param memos the registers of what is calculated at most once per event
 */
record Program(
        int registers,
        int loops,
        PathTree payload,
        List<Constant> constants,
        int[] memos,
        CallSite[] sites,
        int[][] tables,
        byte[][] texts,
        String[] names,
        TreeParts[] trees) {

    record Constant(int register, Object value) {}

    /** A tree that is filled while expressions are evaluated. */
    record TreeParts(PathTree paths, Tree.Part[] parts) {}
}
