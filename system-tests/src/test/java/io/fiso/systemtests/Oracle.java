// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Knows what was put in, and judges what came out: nothing is lost, keys keep their order (D2), what comes twice comes with the same id (D5, D6)
 * and only after a crash, each of which sets a key back at most once.
 */
final class Oracle {
    private final long seed;
    private final List<Issued> issued = new ArrayList<>();
    private final Random random;

    /**
     * One accepted event.
     *
     * @param padding how many bytes of no meaning it carries
     */
    record Issued(int n, String key, int padding) {
        Issued(int n, String key) {
            this(n, key, 0);
        }

        String json() {
            return "{\"legacy_id\":\"A-" + n + "\",\"order_status\":\"NEW\",\"price\":2.5,\"quantity\":" + (n % 7)
                    + ",\"n\":" + n + (padding == 0 ? "" : ",\"padding\":\"" + "x".repeat(padding) + "\"") + "}";
        }
    }

    /** One event at the far end. */
    record Arrival(int n, String source, String id) {}

    Oracle(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        System.out.println("oracle seed " + seed);
    }

    /** Makes events up, spread by chance over keys. */
    List<Issued> issue(int count, int keys) {
        return issue(count, keys, 0);
    }

    /** The same, each with so many bytes of no meaning. */
    List<Issued> issue(int count, int keys, int padding) {
        int first = issued.size();
        for (int n = first; n < first + count; n++) {
            issued.add(new Issued(n, "customer-" + random.nextInt(keys), padding));
        }
        return List.copyOf(issued.subList(first, first + count));
    }

    int count() {
        return issued.size();
    }

    static List<Arrival> arrivals(List<HttpStub.Request> requests) {
        return requests.stream()
                .map(r -> new Arrival(
                        r.data().get("n").asInt(),
                        r.event().get("source").asString(),
                        r.event().get("id").asString()))
                .toList();
    }

    /** Whether every issued event is among these. */
    boolean complete(List<Arrival> arrivals) {
        return arrivals.size() >= issued.size() && missing(arrivals, Set.of()).isEmpty();
    }

    private Set<Integer> missing(List<Arrival> arrivals, Set<Integer> deadLettered) {
        Set<Integer> missing = new TreeSet<>();
        issued.forEach(i -> missing.add(i.n()));
        arrivals.forEach(a -> missing.remove(a.n()));
        missing.removeAll(deadLettered);
        return missing;
    }

    /** Per event the next one of its key that is to arrive. */
    private Map<Integer, Integer> successors(Set<Integer> deadLettered) {
        Map<Integer, Integer> successors = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        for (Issued event : issued) {
            if (!deadLettered.contains(event.n())) {
                Integer previous = last.put(event.key(), event.n());
                if (previous != null) {
                    successors.put(previous, event.n());
                }
            }
        }
        return successors;
    }

    /** Those that came a second time, or more often. */
    static Set<Integer> repeated(List<Arrival> arrivals) {
        Set<Integer> seen = new HashSet<>();
        return arrivals.stream()
                .map(Arrival::n)
                .filter(n -> !seen.add(n))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Judges a run without crashes that is not over: what has arrived came once, and in order, but there may be more to come. */
    void judgeSoFar(List<Arrival> arrivals) {
        Set<Integer> outstanding = missing(arrivals, Set.of());
        Map<String, Integer> first = new HashMap<>();
        outstanding.forEach(n -> first.merge(issued.get(n).key(), n, Math::min));
        arrivals.forEach(arrival -> assertThat(arrival.n())
                .as("overtook an event of its key that has not arrived (seed %s)", seed)
                .isLessThan(first.getOrDefault(issued.get(arrival.n()).key(), Integer.MAX_VALUE)));
        judge(arrivals, outstanding);
    }

    /** Judges a run without crashes: each event arrived exactly once, or is dead-lettered. */
    void judge(List<Arrival> arrivals, Set<Integer> deadLettered) {
        judge(arrivals, deadLettered, 0, 0);
    }

    /**
     * Judges a run with crashes.
     *
     * @param crashes how many there were
     * @param duplicatesMax how many events may have come more than once
     * @return how many arrivals were repetitions
     */
    int judge(List<Arrival> arrivals, Set<Integer> deadLettered, int crashes, int duplicatesMax) {
        String where = "seed " + seed + ", " + issued.size() + " issued, " + arrivals.size() + " arrived";
        assertThat(missing(arrivals, deadLettered)).as("lost (%s)", where).isEmpty();

        Map<Integer, Integer> successors = successors(deadLettered);
        Map<Integer, Arrival> first = new HashMap<>();
        Map<String, Integer> highest = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        Map<String, Integer> setBacks = new HashMap<>();
        Set<String> ids = new HashSet<>();
        int repetitions = 0;
        for (Arrival arrival : arrivals) {
            assertThat(arrival.n()).as("an event nobody issued (%s)", where).isBetween(0, issued.size() - 1);
            String key = issued.get(arrival.n()).key();
            Arrival earlier = first.putIfAbsent(arrival.n(), arrival);
            if (earlier == null) {
                assertThat(ids.add(arrival.source() + " " + arrival.id()))
                        .as("%s has another event's id (%s)", arrival, where)
                        .isTrue();
                assertThat(arrival.n())
                        .as("first delivery out of order for %s (%s)", key, where)
                        .isGreaterThan(highest.getOrDefault(key, -1));
                highest.put(key, arrival.n());
            } else {
                repetitions++;
                assertThat(arrival)
                        .as("came again under another id (%s)", where)
                        .isEqualTo(earlier);
            }
            Integer previous = last.put(key, arrival.n());
            if (previous != null && arrival.n() <= previous) {
                setBacks.merge(key, 1, Integer::sum);
            } else if (previous != null) {
                // A replay goes forward from where it began, leaving nothing out, until it is past what came first.
                assertThat(arrival.n())
                        .as("what follows %s of %s, repeated or not (%s)", previous, key, where)
                        .isEqualTo(successors.get(previous));
            }
        }
        for (Map.Entry<String, Integer> entry : setBacks.entrySet()) {
            assertThat(entry.getValue())
                    .as("%s was set back more often than things crashed (%s)", entry.getKey(), where)
                    .isLessThanOrEqualTo(crashes);
        }
        assertThat(repetitions).as("repetitions (%s)", where).isLessThanOrEqualTo(duplicatesMax);
        return repetitions;
    }
}
