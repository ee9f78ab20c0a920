// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** What was probably meant. */
final class Spelling {
    private static final int MOST = 2;

    private Spelling() {}

    /** The known words near to this one, the nearest first. */
    static List<String> nearest(String word, Collection<String> known) {
        int tolerated = Math.max(1, word.length() / 3);
        record Candidate(String word, int distance) {}
        return known.stream()
                .map(k -> new Candidate(k, k.startsWith(word) && word.length() > 2 ? 0 : distance(word, k)))
                .filter(c -> c.distance() <= tolerated)
                .sorted(Comparator.comparingInt(Candidate::distance))
                .map(Candidate::word)
                .limit(MOST)
                .toList();
    }

    /** Insertions, deletions, replacements and swaps of neighbours. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
