// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import static io.fiso.broker.keyvalue.KeyValueFixture.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fiso.broker.BrokerException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random calls, and a model that says what each must do. The seed is in every failure's description. */
@Timeout(300)
class KeyValueModelTest {
    private static final int STEPS = 8_000;

    @TempDir
    Path directory;

    private record Modelled(String value, long revision, long expires) {}

    private final Map<String, Modelled> model = new TreeMap<>();
    private final List<String> changes = new ArrayList<>();
    private long lastRevision;

    @Test
    void doesWhatTheModelDoes() {
        long seed = Long.getLong("fiso.seed", System.nanoTime());
        System.out.println("KeyValueModelTest: -Dfiso.seed=" + seed);
        Random random = new Random(seed);
        try (KeyValueFixture it = new KeyValueFixture(directory)) {
            it.create(USERS, Optional.empty());
            long seen = 0;
            List<String> watched = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                try {
                    step(it, random, step);
                    if (step % 40 == 0) {
                        // A new watch each time, from where the last one ended.
                        seen = watch(it, seen, watched);
                        assertThat(watched).isEqualTo(changes);
                        watched.clear();
                        changes.clear();
                    }
                } catch (RuntimeException | AssertionError e) {
                    fail("seed " + seed + ", step " + step, e);
                }
            }
        }
    }

    private long watch(KeyValueFixture it, long seen, List<String> watched) {
        if (changes.isEmpty()) {
            return seen;
        }
        try (KeyWatch watch = it.keyValues.watch(USERS, new KeyFilter.Prefix(""), seen + 1)) {
            while (watch.revision() < lastRevision) {
                watch.next()
                        .changes()
                        .forEach(change -> watched.add(change.entry().revision() + " " + change.what() + " "
                                + change.entry().key() + " " + KeyValueFixture.text(change.entry())));
            }
            return watch.revision();
        }
    }

    private void step(KeyValueFixture it, Random random, int step) {
        String key = "k" + random.nextInt(40);
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> put(it, random, key, "v" + step);
            case 4, 5 -> delete(it, random, key);
            case 6, 7 -> {
                Modelled there = model.get(key);
                assertThat(it.get(key)).isEqualTo(there == null ? "-" : there.value());
            }
            case 8, 9 -> advance(it, random.nextInt(60));
            case 10 -> compare(it, "k" + random.nextInt(4));
            default -> {
                if (random.nextInt(40) == 0) {
                    it.reopen();
                }
            }
        }
    }

    private Condition condition(Random random, String key) {
        Modelled there = model.get(key);
        return switch (random.nextInt(5)) {
            case 0 -> new Condition.Absent();
            case 1 -> new Condition.Revision(there == null ? random.nextInt(100) : there.revision());
            case 2 -> new Condition.Revision(1 + random.nextLong(lastRevision + 1));
            default -> Condition.NONE;
        };
    }

    private boolean holds(Condition condition, String key) {
        Modelled there = model.get(key);
        return switch (condition) {
            case Condition.None _ -> true;
            case Condition.Absent _ -> there == null;
            case Condition.Revision(long revision) -> there != null && there.revision() == revision;
        };
    }

    private void put(KeyValueFixture it, Random random, String key, String value) {
        long ttl = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(300);
        Condition condition = condition(random, key);
        boolean holds = holds(condition, key);
        try {
            long revision = it.put(key, value, ttl == 0 ? new Life.Forever() : KeyValueFixture.ttl(ttl), condition);
            assertThat(holds).isTrue();
            assertThat(revision).isEqualTo(++lastRevision);
            model.put(key, new Modelled(value, revision, ttl == 0 ? Long.MAX_VALUE : it.time.millis() + ttl));
            changes.add(revision + " PUT " + key + " " + value);
        } catch (BrokerException e) {
            assertThat(e.code()).isEqualTo("broker.revision_conflict");
            assertThat(holds).isFalse();
        }
    }

    private void delete(KeyValueFixture it, Random random, String key) {
        Condition condition = condition(random, key);
        boolean holds = holds(condition, key);
        try {
            long revision = it.delete(key, condition);
            assertThat(holds).isTrue();
            if (model.remove(key) == null) {
                assertThat(revision).isZero();
            } else {
                assertThat(revision).isEqualTo(++lastRevision);
                changes.add(revision + " DELETE " + key + " ");
            }
        } catch (BrokerException e) {
            assertThat(e.code()).isEqualTo("broker.revision_conflict");
            assertThat(holds).isFalse();
        }
    }

    private void advance(KeyValueFixture it, long millis) {
        long until = it.time.millis() + millis;
        List<Map.Entry<String, Modelled>> over = model.entrySet().stream()
                .filter(entry -> entry.getValue().expires() <= until)
                // A tree's own entries may become others when one is removed.
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .sorted(Map.Entry.<String, Modelled>comparingByValue(Comparator.comparingLong(Modelled::expires))
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        for (Map.Entry<String, Modelled> entry : over) {
            model.remove(entry.getKey());
            changes.add(++lastRevision + " EXPIRE " + entry.getKey() + " ");
        }
        it.time.advanceMillis(millis);
    }

    private void compare(KeyValueFixture it, String prefix) {
        Map<String, Modelled> found = new TreeMap<>();
        Optional<String> token = Optional.empty();
        do {
            KeyPage page = it.keyValues.scan(USERS, prefix, 3, token, false);
            page.entries()
                    .forEach(entry -> found.put(
                            entry.key().text(),
                            new Modelled(
                                    KeyValueFixture.text(entry),
                                    entry.revision(),
                                    entry.expires().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE))));
            token = page.next();
        } while (token.isPresent());
        Map<String, Modelled> expected = new TreeMap<>(model);
        expected.keySet().removeIf(key -> !key.startsWith(prefix));
        assertThat(found).isEqualTo(expected);
    }
}
