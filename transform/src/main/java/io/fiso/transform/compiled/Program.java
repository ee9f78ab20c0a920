// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.PathTree;
import io.fiso.transform.json.Rows;
import java.util.List;

/**
 * What generated code refers to by number.
 *
 * @param registers how many registers a frame needs
 * @param loops how many loops can be under way at once
 * @param payload the tree of the payload
 * @param constants the values that stand in registers from the start
 * @param lists the lists of the payload that loops go over
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
        TreeParts[] trees,
        List<Rows.Columns> lists) {

    record Constant(int register, Object value) {}

    /**
     * A tree that is filled while expressions are evaluated.
     *
     * @param list the list of the payload that it is an element of; negative if it is none
     * @param registers those of the parts, for such an element
     * @param columns where each of them is in the list's rows
     */
    record TreeParts(PathTree paths, Tree.Part[] parts, int list, int[] registers, int[] columns) {}
}
