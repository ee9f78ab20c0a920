// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * Who is in a group in one generation, and has which partitions. Members have equally many, give or take one, and keep what they had as far as that
 * allows; what nobody has goes to those with room, in the order they came.
 */
record Roster(long generation, SequencedMap<String, List<Integer>> assigned) {
    static Roster empty(long generation) {
        return new Roster(generation, new LinkedHashMap<>());
    }

    boolean has(String member) {
        return assigned.containsKey(member);
    }

    List<Integer> of(String member) {
        return assigned.getOrDefault(member, List.of());
    }

    /** The next generation. */
    Roster next(long newGeneration, SequencedSet<String> members, int partitions) {
        SequencedMap<String, List<Integer>> next = new LinkedHashMap<>();
        TreeSet<Integer> free = new TreeSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            free.add(partition);
        }
        Map<String, Integer> shares = shares(members, partitions);
        for (String member : members) {
            List<Integer> kept =
                    of(member).stream().limit(shares.getOrDefault(member, 0)).toList();
            next.put(member, new ArrayList<>(kept));
            kept.forEach(free::remove);
        }
        Deque<Integer> left = new ArrayDeque<>(free);
        next.forEach((member, partitionsOf) -> {
            while (partitionsOf.size() < shares.getOrDefault(member, 0)) {
                partitionsOf.add(left.removeFirst());
            }
            partitionsOf.sort(Comparator.naturalOrder());
        });
        return new Roster(newGeneration, next);
    }

    /** How many each gets; where it does not come out even, those who have most keep one more. */
    private Map<String, Integer> shares(SequencedSet<String> members, int partitions) {
        Map<String, Integer> shares = new LinkedHashMap<>();
        List<String> byCount = new ArrayList<>(members);
        byCount.sort(
                Comparator.comparingInt((String member) -> of(member).size()).reversed());
        for (int i = 0; i < byCount.size(); i++) {
            int more = i < partitions % byCount.size() ? 1 : 0;
            shares.put(byCount.get(i), partitions / byCount.size() + more);
        }
        return shares;
    }
}
