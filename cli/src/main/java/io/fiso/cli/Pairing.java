// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which of the found is which of the expected, where an expectation may fit several. */
final class Pairing {
    /** More than any test that a person wrote needs; then the simplest choice has to do. */
    private static final int STEPS_MAX = 200_000;

    /** Whether the expected of this index is met by the found of that. */
    interface Fits {
        boolean test(int expected, int found);
    }

    private Pairing() {}

    /** As many pairs as can be, in any order: for each expected the index of its found, or -1. */
    static int[] most(int expected, int found, Fits fits) {
        int[] ofFound = new int[found];
        Arrays.fill(ofFound, -1);
        for (int e = 0; e < expected; e++) {
            augment(e, ofFound, fits, new boolean[found]);
        }
        int[] pairs = new int[expected];
        Arrays.fill(pairs, -1);
        for (int f = 0; f < found; f++) {
            if (ofFound[f] >= 0) {
                pairs[ofFound[f]] = f;
            }
        }
        return pairs;
    }

    private static boolean augment(int expected, int[] ofFound, Fits fits, boolean[] seen) {
        for (int f = 0; f < ofFound.length; f++) {
            if (seen[f] || !fits.test(expected, f)) {
                continue;
            }
            seen[f] = true;
            if (ofFound[f] < 0 || augment(ofFound[f], ofFound, fits, seen)) {
                ofFound[f] = expected;
                return true;
            }
        }
        return false;
    }

    /** Whether everything can be paired so that the found of one key stand in the order of the expected. */
    static boolean inOrder(int expected, List<String> keys, Fits fits) {
        if (expected != keys.size()) {
            return false;
        }
        Map<String, int[]> positions = new HashMap<>();
        for (int f = 0; f < keys.size(); f++) {
            positions.merge(keys.get(f), new int[] {f}, (all, one) -> {
                int[] longer = Arrays.copyOf(all, all.length + 1);
                longer[all.length] = one[0];
                return longer;
            });
        }
        return search(expected, List.copyOf(positions.values()), fits);
    }

    /** At every step only the first of each key that is left may be taken; a choice that led nowhere is taken back. */
    private static boolean search(int expected, List<int[]> lanes, Fits fits) {
        int[] next = new int[lanes.size()];
        Deque<Integer> chosen = new ArrayDeque<>();
        int lane = 0;
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            if (chosen.size() == expected) {
                return true;
            }
            while (lane < lanes.size()
                    && (next[lane] == lanes.get(lane).length
                            || !fits.test(chosen.size(), lanes.get(lane)[next[lane]]))) {
                lane++;
            }
            if (lane < lanes.size()) {
                next[lane]++;
                chosen.push(lane);
                lane = 0;
            } else if (chosen.isEmpty()) {
                return false;
            } else {
                lane = chosen.pop();
                next[lane]--;
                lane++;
            }
        }
        return false;
    }
}
