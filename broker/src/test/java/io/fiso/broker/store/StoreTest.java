// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class StoreTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsThereAfterTheStoreWasOpenedAgain(Durability durability) {
        try (Store store = Store.open(directory)) {
            put(store, durability, "a", "1");
        }
        try (Store store = Store.open(directory)) {
            assertThat(get(store, "a")).isEqualTo("1");
        }
    }

    @Test
    void findsNeighbours() {
        try (Store store = Store.open(directory)) {
            for (String key : List.of("b", "d", "f")) {
                put(store, Durability.OS, key, key);
            }
            store.read(view -> {
                assertThat(key(view.first("t"))).isEqualTo("b");
                assertThat(key(view.last("t"))).isEqualTo("f");
                assertThat(key(view.floor("t", bytes("d")))).isEqualTo("d");
                assertThat(key(view.floor("t", bytes("e")))).isEqualTo("d");
                assertThat(key(view.floor("t", bytes("z")))).isEqualTo("f");
                assertThat(view.floor("t", bytes("a"))).isNull();
                assertThat(key(view.ceiling("t", bytes("c")))).isEqualTo("d");
                assertThat(view.ceiling("t", bytes("g"))).isNull();
                List<String> seen = new ArrayList<>();
                view.scan("t", bytes("c"), entry -> seen.add(key(entry)));
                assertThat(seen).containsExactly("d", "f");
                assertThat(view.first("nothing")).isNull();
                return "";
            });
        }
    }

    @Test
    void aWriteThatThrowsLeavesNothingAndThoseBesideItAll() throws Exception {
        try (Store store = Store.open(directory);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                String key = "k" + i;
                boolean failing = i % 3 == 0;
                calls.add(callers.submit(() -> store.write(Durability.FSYNC, change -> {
                    change.put("t", bytes(key), bytes("x"));
                    if (failing) {
                        throw new IllegalStateException(key);
                    }
                    return key;
                })));
            }
            for (int i = 0; i < calls.size(); i++) {
                Future<?> call = calls.get(i);
                if (i % 3 == 0) {
                    assertThatThrownBy(call::get).hasRootCauseMessage("k" + i);
                    assertThat(get(store, "k" + i)).isNull();
                } else {
                    call.get();
                    assertThat(get(store, "k" + i)).isEqualTo("x");
                }
            }
        }
    }

    @Test
    void aTableThatWasDroppedIsEmptyAndCanBeWrittenToAgain() {
        try (Store store = Store.open(directory)) {
            put(store, Durability.FSYNC, "a", "1");
            store.write(Durability.FSYNC, change -> {
                change.drop("t");
                return "";
            });
            assertThat(get(store, "a")).isNull();
            put(store, Durability.FSYNC, "b", "2");
            assertThat(get(store, "b")).isEqualTo("2");
        }
    }

    @Test
    void givesTheRoomOfWhatWasRemovedBackToTheDiskThoughNobodyWritesAnyMore() throws Exception {
        StoreSettings settings = StoreSettings.DEFAULT.withLog(64 << 10, 4 << 10, 256 << 10, Duration.ofSeconds(1));
        try (Store store = Store.open(directory, settings)) {
            for (int i = 0; i < 1_000; i++) {
                put(store, Durability.OS, "k" + i, "x".repeat(1_000));
            }
            long before = store.sizeBytes();
            store.write(Durability.FSYNC, change -> {
                for (int i = 0; i < 1_000; i++) {
                    if (i % 20 != 0) {
                        change.delete("t", bytes("k" + i));
                    }
                }
                return "";
            });

            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (store.sizeBytes() > before / 3) {
                assertThat(System.nanoTime())
                        .as("%s bytes of %s", store.sizeBytes(), before)
                        .isLessThan(deadline);
                Thread.sleep(50);
            }
        }
        try (Store store = Store.open(directory, settings)) {
            for (int i = 0; i < 1_000; i += 20) {
                assertThat(get(store, "k" + i)).isEqualTo("x".repeat(1_000));
            }
        }
    }

    private static void put(Store store, Durability durability, String key, String value) {
        store.write(durability, change -> {
            change.put("t", bytes(key), bytes(value));
            return key;
        });
    }

    private static String get(Store store, String key) {
        byte[] value = store.read(view -> view.get("t", bytes(key)));
        return value == null ? null : new String(value, UTF_8);
    }

    private static String key(Entry entry) {
        return new String(entry.key(), UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
