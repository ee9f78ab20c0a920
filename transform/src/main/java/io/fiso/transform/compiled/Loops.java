// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.JsonScanner;
import io.fiso.transform.json.Kind;
import java.util.List;

/** Going over the elements of a list, in the payload or not. */
final class Loops {
    /** The position of a loop that goes over a list of objects. */
    private static final int OBJECTS = -2;

    /** The position of a loop that goes over kept rows. */
    private static final int ROWS = -3;

    private static final int END = -1;

    private Loops() {}

    /** @return {@link Truth#ERROR} if the range is no list */
    static int start(Frame frame, int loop, int range) {
        var r = frame.registers;
        switch (r.kind[range]) {
            case Kind.ARRAY -> frame.positions[loop] = JsonScanner.firstElement(r.payload, r.start[range]);
            case Kind.REFERENCE -> {
                if (!(r.ref[range] instanceof List<?> list)) {
                    throw Trap.TRAP;
                }
                frame.positions[loop] = OBJECTS;
                frame.lists[loop] = list;
                frame.indexes[loop] = 0;
            }
            case Kind.OBJECT -> throw Trap.TRAP;
            default -> {
                return Truth.ERROR;
            }
        }
        return Truth.TRUE;
    }

    /** The same for a list of the payload, of which rows have been kept. */
    static int start(Frame frame, int loop, int range, int list) {
        if (frame.registers.kind[range] == Kind.ARRAY && frame.registers.rows[list].areComplete()) {
            frame.positions[loop] = ROWS;
            frame.indexes[loop] = 0;
            return Truth.TRUE;
        }
        return start(frame, loop, range);
    }

    /** Fills the tree from the next element; false at the end. */
    static int next(Frame frame, int loop, int tree) {
        int at = frame.positions[loop];
        if (at == END) {
            return Truth.FALSE;
        }
        frame.step();
        if (at == ROWS) {
            var parts = frame.program.trees()[tree];
            var rows = frame.registers.rows[parts.list()];
            int row = frame.indexes[loop];
            if (row >= rows.count()) {
                frame.positions[loop] = END;
                return Truth.FALSE;
            }
            frame.indexes[loop] = row + 1;
            rows.fill(frame.registers, row, parts.registers(), parts.columns());
            return Truth.TRUE;
        }
        if (at == OBJECTS) {
            var list = frame.lists[loop];
            int index = frame.indexes[loop];
            if (list == null || index >= list.size()) {
                frame.lists[loop] = null;
                frame.positions[loop] = END;
                return Truth.FALSE;
            }
            frame.indexes[loop] = index + 1;
            Trees.fill(frame, tree, list.get(index));
            return Truth.TRUE;
        }
        var r = frame.registers;
        int after = JsonScanner.scanValue(frame.program.trees()[tree].paths(), r, at);
        frame.positions[loop] = JsonScanner.nextElement(r.payload, after);
        return Truth.TRUE;
    }
}
