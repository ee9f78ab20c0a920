// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.sdk.event.WireEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveredEventsTest {
    @TempDir
    private Path directory;

    @Test
    void tellsEventsApartBySourceAndId() {
        assertThat(hash("a", "bc")).isEqualTo(hash("a", "bc")).isNotEqualTo(hash("ab", "c"));
        assertThat(hash("a", "1").low() & 1).isZero();
    }

    @Test
    void remembersWhatAWindowHoldsAndNoMore() {
        HashWindow window = new HashWindow(100);
        ArrayDeque<EventHash> expected = new ArrayDeque<>();
        SplittableRandom random = new SplittableRandom(5);
        for (int step = 0; step < 20_000; step++) {
            // Few different upper halves, so that many collide.
            EventHash hash = new EventHash((1 + random.nextLong(40)) << 20, random.nextLong(30) << 1);
            assertThat(window.contains(hash)).isEqualTo(expected.contains(hash));
            if (!expected.contains(hash)) {
                window.add(hash);
                expected.add(hash);
                if (expected.size() > 100) {
                    EventHash oldest = expected.remove();
                    assertThat(window.contains(oldest)).isFalse();
                }
            }
        }
    }

    @Test
    void knowsAfterACrashWhatItKnewBefore() throws IOException {
        for (int delivered : new int[] {0, 1, 9, 10, 11, 19, 20, 25, 30}) {
            Path here = directory.resolve("after-" + delivered);
            // Not closed: what was written must be there all the same.
            DeliveredEvents first = DeliveredEvents.open(here, 10);
            for (int id = 0; id < delivered; id++) {
                first.delivered(List.of(hash(id)));
            }
            try (DeliveredEvents second = DeliveredEvents.open(here, 10)) {
                for (int id = 0; id < delivered; id++) {
                    assertThat(second.contains(hash(id)))
                            .as("%s of %s", id, delivered)
                            .isEqualTo(id >= delivered - 10);
                }
                // It goes on where it was, the oldest first to go.
                second.delivered(List.of(hash(1_000)));
                assertThat(second.contains(hash(1_000))).isTrue();
                assertThat(second.contains(hash(delivered - 10))).isFalse();
                assertThat(second.contains(hash(delivered - 9))).isEqualTo(delivered >= 9);
            }
            first.close();
        }
    }

    @Test
    void takesManyAtOnceEvenMoreThanItHolds() throws IOException {
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            events.delivered(
                    IntStream.range(0, 7).mapToObj(DeliveredEventsTest::hash).toList());
            events.delivered(
                    IntStream.range(7, 32).mapToObj(DeliveredEventsTest::hash).toList());
        }
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            assertThat(IntStream.range(0, 32).filter(id -> events.contains(hash(id))))
                    .containsExactly(22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
        }
    }

    @Test
    void takesOverAWindowOfAnotherSize() throws IOException {
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            events.delivered(
                    IntStream.range(0, 14).mapToObj(DeliveredEventsTest::hash).toList());
        }
        try (DeliveredEvents larger = DeliveredEvents.open(directory, 100)) {
            assertThat(IntStream.range(0, 14).filter(id -> larger.contains(hash(id))))
                    .hasSize(10);
            larger.delivered(List.of(hash(50)));
        }
        try (DeliveredEvents smaller = DeliveredEvents.open(directory, 3)) {
            assertThat(IntStream.of(11, 12, 13, 50).filter(id -> smaller.contains(hash(id))))
                    .containsExactly(12, 13, 50);
        }
    }

    @Test
    void countsWhatItRecognised() throws IOException {
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            events.delivered(List.of(hash(1), hash(1)));
            events.recognised(2);
            assertThat(events.repeats()).isEqualTo(2);
        }
    }

    @Test
    void refusesAFileThatIsNotItsOwn() throws IOException {
        Files.writeString(directory.resolve("delivered.ring"), "something else altogether");
        assertThatThrownBy(() -> DeliveredEvents.open(directory, 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("delivered.ring")
                .hasMessageContaining("move it away");
    }

    @Test
    void survivesATornTail() throws IOException {
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            events.delivered(
                    IntStream.range(0, 10).mapToObj(DeliveredEventsTest::hash).toList());
        }
        Path file = directory.resolve("delivered.ring");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 24));
        try (DeliveredEvents events = DeliveredEvents.open(directory, 10)) {
            assertThat(IntStream.range(0, 10).filter(id -> events.contains(hash(id))))
                    .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    private static EventHash hash(int id) {
        return hash("/test", Integer.toString(id));
    }

    private static EventHash hash(String source, String id) {
        return EventHash.of(
                WireEvent.builder().id(id).source(URI.create(source)).type("t").build());
    }
}
