// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import static io.fiso.broker.keyvalue.KeyValueFixture.USERS;
import static io.fiso.broker.keyvalue.KeyValueFixture.assertRefused;
import static io.fiso.broker.keyvalue.KeyValueFixture.ttl;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.store.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class KeyValuesTest {
    private static final KeyFilter ALL = new KeyFilter.Prefix("");

    @TempDir
    Path directory;

    private KeyValueFixture it;

    @BeforeEach
    void open() {
        it = new KeyValueFixture(directory);
        it.create(USERS, Optional.empty());
    }

    @AfterEach
    void close() {
        it.close();
    }

    @Test
    void whatWasPutIsThereUntilItIsDeleted() {
        it.put("a", "1");
        it.put("ä/ü", "2");
        it.put("a", "3");
        it.reopen();

        assertThat(it.get("a")).isEqualTo("3");
        assertThat(it.get("ä/ü")).isEqualTo("2");
        assertThat(it.get("b")).isEqualTo("-");
        assertThat(it.delete("a", Condition.NONE)).isPositive();
        assertThat(it.delete("a", Condition.NONE)).isZero();
        it.reopen();
        assertThat(it.get("a")).isEqualTo("-");
    }

    @Test
    void noRevisionIsGivenAgain() {
        long first = it.put("a", "1");
        long second = it.put("a", "2");
        long third = it.delete("a", Condition.NONE);
        it.catalogue.delete(USERS, it.keyValues::removeIn);
        it.create(USERS, Optional.empty());
        it.reopen();
        long fourth = it.put("a", "3");

        assertThat(List.of(first, second, third, fourth)).isSorted().doesNotHaveDuplicates();
        assertThat(it.get("a")).isEqualTo("3");
    }

    @Test
    void changesOnlyWhatIsAsWanted() {
        long revision = it.put("a", "1", new Life.Default(), new Condition.Absent());
        assertRefused("broker.revision_conflict", () -> it.put("a", "2", new Life.Default(), new Condition.Absent()));
        long next = it.put("a", "2", new Life.Default(), new Condition.Revision(revision));
        assertRefused(
                "broker.revision_conflict",
                () -> it.put("a", "3", new Life.Default(), new Condition.Revision(revision)));
        assertRefused("broker.revision_conflict", () -> it.delete("a", new Condition.Revision(revision)));
        assertRefused("broker.revision_conflict", () -> it.delete("b", new Condition.Revision(revision)));
        assertThat(it.get("a")).isEqualTo("2");
        assertThat(it.delete("a", new Condition.Revision(next))).isPositive();
        assertRefused(
                "broker.revision_conflict", () -> it.put("a", "3", new Life.Default(), new Condition.Revision(next)));
    }

    @Test
    void severalChangesAreMadeAllOrNone() {
        it.put("a", "1");
        assertRefused(
                "broker.revision_conflict",
                () -> it.keyValues.change(
                        USERS,
                        List.of(
                                new Operation.Delete(new Key("a"), Condition.NONE),
                                KeyValueFixture.put(
                                        "b", new byte[1], new Life.Forever(), new Condition.Revision(99)))));
        assertThat(it.get("a")).isEqualTo("1");

        List<Long> revisions = it.keyValues.change(
                USERS,
                List.of(
                        new Operation.Delete(new Key("a"), Condition.NONE),
                        KeyValueFixture.put("a", new byte[] {'2'}, new Life.Forever(), new Condition.Absent()),
                        new Operation.Delete(new Key("b"), Condition.NONE)));

        assertThat(revisions.get(1)).isEqualTo(revisions.get(0) + 1);
        assertThat(revisions.get(2)).isZero();
        assertThat(it.get("a")).isEqualTo("2");
    }

    @Test
    void aKeyIsThereUntilItsTimeIsOver() {
        it.put("a", "1", ttl(1_000), Condition.NONE);
        it.time.advanceMillis(999);
        assertThat(it.get("a")).isEqualTo("1");
        it.reopen();

        it.time.advanceMillis(1);

        assertThat(it.get("a")).isEqualTo("-");
        assertThat(count("keys")).as("swept by the alarm").isZero();
        assertThat(count("expiries")).isZero();
    }

    @Test
    void anOverwrittenKeyOutlivesItsOldTime() {
        it.put("a", "1", ttl(1_000), Condition.NONE);
        it.put("a", "2", new Life.Forever(), Condition.NONE);
        it.put("b", "1", ttl(1_000), Condition.NONE);
        it.put("b", "2", ttl(3_000), Condition.NONE);

        it.time.advanceMillis(2_999);
        assertThat(it.get("a")).isEqualTo("2");
        assertThat(it.get("b")).isEqualTo("2");
        it.time.advanceMillis(1);
        assertThat(it.get("a")).isEqualTo("2");
        assertThat(it.get("b")).isEqualTo("-");
    }

    @Test
    void aKeyWhoseTimeIsOverIsNotThereThoughNobodyHasSweptIt() {
        long revision = it.put("a", "1", ttl(10), Condition.NONE);
        it.put("b", "1");
        it.time.forgetAlarms();
        it.time.advanceMillis(10);

        assertThat(it.get("a")).isEqualTo("-");
        assertThat(keys("")).containsExactly("b");
        assertThat(count("keys")).isEqualTo(2);
        assertRefused(
                "broker.revision_conflict",
                () -> it.put("a", "2", new Life.Default(), new Condition.Revision(revision)));
        it.put("a", "2", new Life.Default(), new Condition.Absent());
        assertThat(it.get("a")).isEqualTo("2");
    }

    @Test
    void theStoresTimeToLiveIsForPutsThatDoNotSay() {
        ResourceName sessions = ResourceName.parse("default/shop/kv/sessions");
        it.create(sessions, Optional.of(Duration.ofMillis(50)));
        for (Life life : List.of(new Life.Default(), new Life.Forever(), ttl(100))) {
            it.keyValues.change(
                    sessions, KeyValueFixture.put(life.getClass().getSimpleName(), new byte[0], life, Condition.NONE));
        }
        it.time.advanceMillis(50);
        assertThat(it.keyValues.get(sessions, new Key("Default"))).isEmpty();
        it.time.advanceMillis(50);
        assertThat(it.keyValues.get(sessions, new Key("For"))).isEmpty();
        assertThat(it.keyValues.get(sessions, new Key("Forever"))).isPresent();
    }

    @Test
    void manyKeysExpireInSeveralCommits() {
        List<Operation> puts = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            puts.add(KeyValueFixture.put("k" + i, new byte[1], ttl(5), Condition.NONE));
        }
        it.keyValues.change(USERS, puts);
        it.time.advanceMillis(5);
        assertThat(count("keys")).isZero();
    }

    @Test
    void keysGoThoughTheStoreIsFull() {
        it.put("a", "1");
        it.put("b", "2");
        it.put("c", "3", ttl(5), Condition.NONE);
        it.fill();

        assertThat(it.delete("a", Condition.NONE)).isPositive();
        it.time.advanceMillis(5);

        assertThat(keys("")).containsExactly("b");
        assertThat(count("keys")).isEqualTo(1);
        Operation delete = new Operation.Delete(new Key("b"), Condition.NONE);
        Operation put = KeyValueFixture.put("d", new byte[1], new Life.Forever(), Condition.NONE);
        assertRefused("broker.disk_full", () -> it.keyValues.change(USERS, List.of(delete, put)));
        assertThat(it.get("b")).isEqualTo("2");
        it.catalogue.delete(USERS, it.keyValues::removeIn);
        assertRefused("broker.resource_not_found", () -> it.get("b"));
    }

    @Test
    void scansInOrderOfBytesInPages() {
        for (String key : List.of("b", "a/2", "a/1", "a", "a0", "a/10", "c", "￿", "😀")) {
            it.put(key, key);
        }
        assertThat(keys("")).containsExactly("a", "a/1", "a/10", "a/2", "a0", "b", "c", "￿", "😀");
        assertThat(keys("a/")).containsExactly("a/1", "a/10", "a/2");
        assertThat(keys("x")).isEmpty();
        KeyPage page = it.keyValues.scan(USERS, "a", 9, Optional.empty(), true);
        assertThat(page.entries()).hasSize(5).allMatch(entry -> entry.value().length == 0);
        assertThat(page.next()).isEmpty();
        assertRefused("broker.page_token_invalid", () -> it.keyValues.scan(USERS, "", 1, Optional.of("#"), true));
        assertRefused("broker.count_invalid", () -> it.keyValues.scan(USERS, "", 0, Optional.empty(), true));
    }

    @Test
    void aPageHasNoMoreThanThreeMebibytesButForOneValue() {
        for (int i = 0; i < 3; i++) {
            it.keyValues.change(
                    USERS, KeyValueFixture.put("k" + i, new byte[3 * 1024 * 1024], new Life.Forever(), Condition.NONE));
        }
        assertThat(it.keyValues.scan(USERS, "", 3, Optional.empty(), false).entries())
                .hasSize(1);
        assertThat(it.keyValues.scan(USERS, "", 3, Optional.empty(), true).entries())
                .hasSize(3);
        assertThat(keys("")).hasSize(3);
    }

    @Test
    void aPageCountsKeysAndWhatIsAroundThemToo() {
        String begin = "k".repeat(1_000);
        List<Operation> puts = new ArrayList<>();
        for (int i = 1_000; i < 2_000; i++) {
            puts.add(KeyValueFixture.put(begin + i, new byte[3_000], new Life.Forever(), Condition.NONE));
        }
        it.keyValues.change(USERS, puts);

        KeyPage page = it.keyValues.scan(USERS, "", 1_000, Optional.empty(), false);

        int each = 1_004 + 3_000 + 512;
        assertThat(page.entries()).hasSize(3 * 1024 * 1024 / each);
        assertThat(page.next()).isPresent();
    }

    private List<String> keys(String prefix) {
        List<String> found = new ArrayList<>();
        Optional<String> token = Optional.empty();
        do {
            KeyPage page = it.keyValues.scan(USERS, prefix, 2, token, false);
            page.entries().forEach(entry -> found.add(entry.key().text()));
            token = page.next();
        } while (token.isPresent());
        return found;
    }

    @Test
    void aWatchSeesEveryChangeInOrder() {
        long before = it.put("a", "0");
        try (KeyWatch watch = it.keyValues.watch(USERS, ALL, 0);
                KeyWatch one = it.keyValues.watch(USERS, new KeyFilter.One(new Key("b")), 0);
                KeyWatch old = it.keyValues.watch(USERS, new KeyFilter.Prefix("a"), before)) {
            it.put("a", "1", ttl(5), Condition.NONE);
            it.put("b", "2");
            it.put("b", "3");
            it.delete("b", Condition.NONE);
            it.time.advanceMillis(5);

            assertThat(shown(watch.next())).containsExactly("PUT a 1", "PUT b 2", "PUT b 3", "DELETE b ", "EXPIRE a ");
            assertThat(shown(one.next())).containsExactly("PUT b 2", "PUT b 3", "DELETE b ");
            KeyChanges olds = old.next();
            assertThat(shown(olds)).containsExactly("PUT a 0", "PUT a 1", "EXPIRE a ");
            assertThat(olds.revision()).isEqualTo(before + 5);
        }
        assertThat(it.keyValues.watching()).isZero();
        it.reopen();
        try (KeyWatch again = it.keyValues.watch(USERS, ALL, before + 3)) {
            assertThat(shown(again.next())).containsExactly("PUT b 3", "DELETE b ", "EXPIRE a ");
        }
    }

    private static List<String> shown(KeyChanges changes) {
        assertThat(changes.changes().stream().map(change -> change.entry().revision()))
                .isSorted()
                .doesNotHaveDuplicates();
        return changes.changes().stream()
                .map(change -> change.what() + " " + change.entry().key() + " " + KeyValueFixture.text(change.entry()))
                .toList();
    }

    @Test
    void aWatchThatIsTooSlowIsToldAndSoIsOneThatComesTooLate() {
        long first = it.put("a", "0");
        try (KeyWatch watch = it.keyValues.watch(USERS, ALL, 0)) {
            for (int i = 0; i <= KeyTablesChange.CHANGES_MAX; i++) {
                it.put("a", "" + i);
            }
            assertRefused("broker.revision_gone", watch::next);
        }
        assertRefused("broker.revision_gone", () -> it.keyValues.watch(USERS, ALL, first));
        it.keyValues.watch(USERS, ALL, first + 2).close();
        assertRefused("broker.revision_unknown", () -> it.keyValues.watch(USERS, ALL, Long.MAX_VALUE));
        assertRefused("broker.revision_unknown", () -> it.keyValues.watch(USERS, ALL, -1));
        assertThat(count("changes")).isEqualTo(KeyTablesChange.CHANGES_MAX);
        assertThat(count("values")).isEqualTo(KeyTablesChange.CHANGES_MAX);
    }

    @Test
    void aValueStaysAsLongAsItsKeyThoughItsPutIsForgotten() {
        it.put("old", "x");
        for (int i = 0; i <= KeyTablesChange.CHANGES_MAX; i++) {
            it.put("a", "" + i);
        }
        assertThat(it.get("old")).isEqualTo("x");
        it.delete("old", Condition.NONE);
        assertThat(count("values")).isEqualTo(KeyTablesChange.CHANGES_MAX - 1);
    }

    @Test
    void whatIsKnownOfChangesHasNoMoreThanSixtyFourMebibytes() {
        for (int i = 0; i < 20; i++) {
            it.keyValues.change(
                    USERS, KeyValueFixture.put("a", new byte[4 * 1024 * 1024], new Life.Forever(), Condition.NONE));
        }
        assertThat(count("values")).isEqualTo(16);
    }

    @Test
    void aWatchThatWaitsSeesAChangeAtOnceAndIsToldOfTheEnd() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                KeyWatch watch = it.keyValues.watch(USERS, ALL, 0)) {
            Future<KeyChanges> waiting = threads.submit(watch::next);
            it.put("a", "1");
            assertThat(shown(waiting.get(120, TimeUnit.SECONDS))).containsExactly("PUT a 1");

            Future<?> removed = threads.submit(() -> assertRefused("broker.resource_not_found", watch::next));
            it.catalogue.delete(USERS, it.keyValues::removeIn);
            it.time.advanceMillis(0);
            removed.get(120, TimeUnit.SECONDS);

            it.create(USERS, Optional.empty());
            try (KeyWatch last = it.keyValues.watch(USERS, ALL, 0)) {
                Future<?> closed = threads.submit(() -> assertRefused("broker.closed", last::next));
                it.keyValues.close();
                closed.get(120, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void refusesWhatNoKeyCanBe() {
        assertRefused("broker.key_invalid", () -> new Key(""));
        assertRefused("broker.key_invalid", () -> new Key("ä".repeat(513)));
        new Key("ä".repeat(512));
        assertRefused("broker.ttl_invalid", () -> ttl(0));
        assertRefused("broker.ttl_invalid", () -> ttl(-5));
        assertRefused(
                "broker.payload_too_large",
                () -> KeyValueFixture.put("a", new byte[4 * 1024 * 1024 + 1], new Life.Forever(), Condition.NONE));
        assertRefused("broker.count_invalid", () -> it.keyValues.change(USERS, List.of()));
        assertRefused(
                "broker.resource_not_found",
                () -> it.keyValues.get(ResourceName.parse("default/shop/kv/none"), new Key("a")));
    }

    private int count(String table) {
        long id = it.store.read(view -> it.catalogue.require(view, USERS)).id();
        List<Entry> found = new ArrayList<>();
        it.store.read(view -> {
            view.scan(KeyTables.table(id, table), null, found::add);
            return true;
        });
        return found.size();
    }
}
