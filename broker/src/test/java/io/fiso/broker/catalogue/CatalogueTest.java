// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.BrokerException;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {
    private static final ResourceName ORDERS = ResourceName.parse("default/shop/streams/orders");
    private static final ResourceName MAILS = ResourceName.parse("default/shop/queues/mails");
    private static final Settings.Stream THREE = new Settings.Stream(
            3,
            new Settings.Retention(
                    Optional.of(Duration.ofDays(7)), OptionalLong.of(1_000_000), OptionalLong.empty(), true));

    @TempDir
    Path directory;

    @Test
    void whatWasMadeIsThereAfterTheStoreWasOpenedAgain() {
        Resource made;
        try (Store store = Store.open(directory)) {
            made = catalogue(store).create(ORDERS, Durability.OS, THREE);
        }
        try (Store store = Store.open(directory)) {
            assertThat(find(store)).contains(made);
            assertThat(made.created()).isEqualTo(Instant.ofEpochSecond(1_000, 5));
        }
    }

    @Test
    void toMakeTheSameAgainIsNoErrorAndOtherSettingsAre() {
        try (Store store = Store.open(directory)) {
            Catalogue catalogue = catalogue(store);
            Resource made = catalogue.create(ORDERS, Durability.FSYNC, THREE);

            assertThat(catalogue.create(ORDERS, Durability.FSYNC, THREE)).isEqualTo(made);
            assertThatThrownBy(() -> catalogue.create(ORDERS, Durability.FSYNC, Settings.of(ResourceKind.STREAM)))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.resource_exists"))
                    .hasMessageContaining("default/shop/streams/orders");
        }
    }

    @Test
    void aNumberIsNeverGivenAgain() {
        try (Store store = Store.open(directory)) {
            Catalogue catalogue = catalogue(store);
            Resource first = catalogue.create(ORDERS, Durability.FSYNC, THREE);
            catalogue.delete(ORDERS, (_, _) -> {});

            assertThat(find(store)).isEmpty();
            assertThat(catalogue.create(ORDERS, Durability.FSYNC, THREE).id()).isGreaterThan(first.id());
        }
    }

    @Test
    void listsByNameAndPrefix() {
        try (Store store = Store.open(directory)) {
            Catalogue catalogue = catalogue(store);
            Resource orders = catalogue.create(ORDERS, Durability.FSYNC, THREE);
            Resource mails = catalogue.create(MAILS, Durability.FSYNC, Settings.of(ResourceKind.QUEUE));
            catalogue.create(
                    ResourceName.parse("default/other/kv/x"), Durability.FSYNC, Settings.of(ResourceKind.KEY_VALUE));

            assertThat(list(store, "default/shop/")).isEqualTo(List.of(mails, orders));
            assertThat(list(store, "")).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "orders",
                "a/b/streams",
                "a/b/streams/c/d",
                "a/b/topics/c",
                "a/../streams/c",
                "a/b/streams/..",
                "a/b/streams/.hidden",
                "a//streams/c",
                "a/b/streams/c%2f",
                "a/b/streams/ü",
                "a/b/streams/c\n"
            })
    void refusesWhatIsNoName(String text) {
        assertThatThrownBy(() -> ResourceName.parse(text))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.kind()).isEqualTo(BrokerException.Kind.INVALID));
    }

    @Test
    void refusesADeadLetterQueueThatCanHaveNoSuchName() {
        assertThatThrownBy(() -> new Settings.Queue(Duration.ofSeconds(1), 1, Optional.of("a/b")))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.name_invalid"));
    }

    @Test
    void refusesTimesBeyondAllBounds() {
        for (Duration time : List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThatThrownBy(() -> new Settings.Queue(time, 1, Optional.empty()))
                    .hasMessageContaining("visibility_timeout is");
            assertThatThrownBy(() -> new Settings.KeyValue(Optional.of(time))).hasMessageContaining("default_ttl is");
        }
        assertThatThrownBy(() -> new Settings.KeyValue(Optional.of(Settings.KeyValue.DEFAULT_TTL_MAX.plusMillis(1))))
                .hasMessageContaining("it can be 1 ms to 3660 days");
    }

    private static Optional<Resource> find(Store store) {
        return store.read(view -> catalogue(store).find(view, ORDERS));
    }

    private static List<Resource> list(Store store, String prefix) {
        return store.read(view -> catalogue(store).list(view, prefix));
    }

    private static Catalogue catalogue(Store store) {
        return new Catalogue(store, () -> Instant.ofEpochSecond(1_000, 5));
    }
}
