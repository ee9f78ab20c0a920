// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns that line up; numbers to the right. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        this.header = List.of(header);
    }

    public Table row(Object... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + header.size() + " columns");
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).toList());
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Without a trailing line break; no line is wider than this. */
    public String render(int width) {
        int columns = header.size();
        int[] widths = new int[columns];
        boolean[] numeric = new boolean[columns];
        for (int c = 0; c < columns; c++) {
            int column = c;
            widths[c] = Math.max(
                    header.get(c).length(),
                    rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
            numeric[c] = !rows.isEmpty()
                    && rows.stream().allMatch(r -> r.get(column).matches("-|[0-9]+(\\.[0-9]+)?( ?(/s|%|MiB|s))?"));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(header, widths, numeric, width));
        rows.forEach(row -> lines.add(line(row, widths, numeric, width)));
        return String.join("\n", lines);
    }

    private static String line(List<String> cells, int[] widths, boolean[] numeric, int width) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < cells.size(); c++) {
            String padding = " ".repeat(widths[c] - cells.get(c).length());
            line.append(c == 0 ? "" : GAP)
                    .append(numeric[c] ? padding : "")
                    .append(cells.get(c))
                    .append(numeric[c] ? "" : padding);
        }
        String text = line.toString().stripTrailing();
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "…";
    }
}
