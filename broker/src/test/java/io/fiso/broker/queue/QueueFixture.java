// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Queues in a directory, in virtual time. */
final class QueueFixture implements AutoCloseable {
    static final ResourceName MAILS = ResourceName.parse("default/shop/queues/mails");
    static final ResourceName LETTERS = ResourceName.parse("default/shop/queues/mails.dlq");
    static final Duration LEASE = Duration.ofSeconds(30);

    final VirtualTime time;
    private final Path directory;
    Store store;
    Catalogue catalogue;
    Queues queues;

    QueueFixture(Path directory) {
        this.directory = directory;
        this.time = new VirtualTime();
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
        assertRefused("broker.disk_full", () -> add("one too many"));
    }

    private void open(StoreSettings settings) {
        store = Store.open(directory, settings);
        catalogue = new Catalogue(store, time);
        queues = new Queues(store, catalogue, time, time);
        queues.start();
    }

    void reopen() {
        close();
        time.forgetAlarms();
        open();
    }

    void create(ResourceName name, int attemptsMax) {
        catalogue.create(name, Durability.OS, new Settings.Queue(LEASE, attemptsMax, Optional.empty()));
    }

    long add(String payload) {
        return add(payload, 0, NewJob.When.NOW);
    }

    long add(String payload, int priority, NewJob.When when) {
        return queues.enqueue(MAILS, List.of(job(payload, priority, when))).getFirst();
    }

    static NewJob job(String payload, int priority, NewJob.When when) {
        return new NewJob(content(payload), priority, when);
    }

    static Content content(String payload) {
        return new Content(payload.getBytes(UTF_8), List.of(), Optional.empty());
    }

    List<Delivery> reserve(ResourceName name, int max) {
        return queues.reserve(name, max, Optional.empty(), Duration.ZERO, Patience.UNLIMITED);
    }

    Delivery reserve() {
        return reserve(MAILS, 1).getFirst();
    }

    List<String> payloads(ResourceName name, int max) {
        return reserve(name, max).stream().map(QueueFixture::text).toList();
    }

    static String text(Delivery delivery) {
        return new String(delivery.content().payload(), UTF_8);
    }

    void nack(Delivery delivery) {
        queues.nack(MAILS, delivery.lease(), Duration.ZERO, "");
    }

    static void assertRefused(String code, ThrowingCallable call) {
        Assertions.assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        io.fiso.broker.BrokerException.class,
                        e -> Assertions.assertThat(e.code()).isEqualTo(code));
    }

    @Override
    public void close() {
        queues.close();
        store.close();
    }
}
