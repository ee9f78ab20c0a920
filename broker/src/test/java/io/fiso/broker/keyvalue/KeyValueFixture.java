// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.BrokerException;
import io.fiso.broker.alarm.VirtualTime;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.PatientStore;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Key-value stores in a directory, in virtual time. */
final class KeyValueFixture implements AutoCloseable {
    static final ResourceName USERS = ResourceName.parse("default/shop/kv/users");

    final VirtualTime time = new VirtualTime();
    private final Path directory;
    Store store;
    Catalogue catalogue;
    KeyValues keyValues;

    KeyValueFixture(Path directory) {
        this.directory = directory;
        open();
    }

    private void open() {
        open(PatientStore.SETTINGS);
    }

    /** Whatever would add to the store is refused from now on. */
    void fill() {
        close();
        time.forgetAlarms();
        open(PatientStore.SETTINGS.withDiskBounds(1, 0));
        assertRefused("broker.disk_full", () -> put("full", "1"));
    }

    private void open(StoreSettings settings) {
        store = Store.open(directory, settings);
        catalogue = new Catalogue(store, time);
        keyValues = new KeyValues(store, catalogue, time, time);
        keyValues.start();
    }

    void reopen() {
        close();
        time.forgetAlarms();
        open();
    }

    void create(ResourceName name, Optional<Duration> ttl) {
        catalogue.create(name, Durability.OS, new Settings.KeyValue(ttl));
    }

    long put(String key, String value) {
        return put(key, value, new Life.Default(), Condition.NONE);
    }

    long put(String key, String value, Life life, Condition condition) {
        return keyValues.change(USERS, put(key, value.getBytes(UTF_8), life, condition));
    }

    static Operation put(String key, byte[] value, Life life, Condition condition) {
        return new Operation.Put(new Key(key), value, life, condition);
    }

    long delete(String key, Condition condition) {
        return keyValues.change(USERS, new Operation.Delete(new Key(key), condition));
    }

    String get(String key) {
        return keyValues.get(USERS, new Key(key)).map(KeyValueFixture::text).orElse("-");
    }

    static String text(KeyEntry entry) {
        return new String(entry.value(), UTF_8);
    }

    static Life ttl(long millis) {
        return new Life.For(Duration.ofMillis(millis));
    }

    static void assertRefused(String code, ThrowingCallable call) {
        Assertions.assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        e -> Assertions.assertThat(e.code()).isEqualTo(code));
    }

    @Override
    public void close() {
        keyValues.close();
        store.close();
    }
}
