// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.util.Arrays;

/**
 * What loops want of the elements of one list of the payload, row by row: kept while the payload is read, so that no loop reads the list again. Belongs to one
 * {@link Registers}.
 */
public final class Rows {
    /**
     * What is kept of each element.
     *
     * @param paths what the loops look at, all together
     * @param registers where that is after an element has been read; a column for each
     */
    public record Columns(PathTree paths, int[] registers) {}

    /** Of longer lists nothing is kept. */
    private static final int MOST = 4_096;

    private static final int TOO_LONG = -1;

    private final Columns columns;
    private final int width;
    private int count;
    private byte[] kind;
    private int[] start;
    private int[] end;
    private long[] bits;

    Rows(Columns columns) {
        this.columns = columns;
        this.width = columns.registers().length;
        this.kind = new byte[8 * width];
        this.start = new int[8 * width];
        this.end = new int[8 * width];
        this.bits = new long[8 * width];
    }

    /** Starts anew: another event, or the list stands there once more. */
    void clear() {
        count = 0;
    }

    /** What the next element is read with. */
    PathTree.Node element(Registers r) {
        columns.paths().clear(r);
        return columns.paths().root;
    }

    /**
     * Keeps what was read.
     *
     * @return false if it is too much
     */
    boolean keep(Registers r) {
        if (count == MOST) {
            count = TOO_LONG;
            return false;
        }
        int cell = count++ * width;
        if (cell == kind.length) {
            kind = Arrays.copyOf(kind, cell * 2);
            start = Arrays.copyOf(start, cell * 2);
            end = Arrays.copyOf(end, cell * 2);
            bits = Arrays.copyOf(bits, cell * 2);
        }
        for (int register : columns.registers()) {
            kind[cell] = r.kind[register];
            start[cell] = r.start[register];
            end[cell] = r.end[register];
            bits[cell] = r.bits[register];
            cell++;
        }
        return true;
    }

    /** Whether every element is here. */
    public boolean areComplete() {
        return count != TOO_LONG;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Fills registers from a row, each from its column. */
    public void fill(Registers r, int row, int[] registers, int[] ofColumns) {
        int first = row * width;
        for (int i = 0; i < registers.length; i++) {
            int register = registers[i];
            int cell = first + ofColumns[i];
            r.kind[register] = kind[cell];
            r.start[register] = start[cell];
            r.end[register] = end[cell];
            r.bits[register] = bits[cell];
        }
    }
}
