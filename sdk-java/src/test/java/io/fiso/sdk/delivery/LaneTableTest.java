// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LaneTableTest {
    private final LaneTable table = new LaneTable();

    @Test
    void keepsOneLanePerKeyWhateverComesAndGoes() {
        SplittableRandom random = new SplittableRandom(7);
        Map<String, Lane> expected = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            byte[] key = key(random);
            Task task = task(key, random.nextInt(9));
            String name = HexFormat.of().formatHex(key);
            Lane known = expected.get(name);
            assertThat(find(task)).isSameAs(known);
            if (known == null) {
                Lane opened = open(task);
                assertThat(opened.isEmpty()).isTrue();
                assertThat(expected).doesNotContainValue(opened);
                expected.put(name, opened);
            } else if (random.nextInt(3) == 0) {
                table.close(Objects.requireNonNull(expected.remove(name)));
                assertThat(find(task)).isNull();
            }
            assertThat(table.size()).isEqualTo(expected.size());
        }
    }

    /** A small alphabet, so that keys share beginnings, ends and lengths. */
    private static byte[] key(SplittableRandom random) {
        byte[] key = new byte[1 + random.nextInt(3) + 8 * random.nextInt(4)];
        Arrays.fill(key, (byte) random.nextInt(2));
        key[random.nextInt(key.length)] = (byte) (random.nextInt(3) - 1);
        key[random.nextInt(key.length)] = (byte) (random.nextInt(3) - 1);
        return key;
    }

    @Test
    void tellsApartKeysWithTheSameHash() {
        Lane lane = table.open(task(new byte[] {1, 2}, 0), 5);

        assertThat(table.find(task(new byte[] {1, 3}, 0), 5)).isNull();
        assertThat(table.find(task(new byte[] {1, 2, 2}, 0), 5)).isNull();
        assertThat(table.find(task(new byte[] {1, 2}, 4), 5)).isSameAs(lane);
    }

    @Test
    void hasTheKeyOfWhoeverIsAtItsHead() {
        Task first = task(new byte[] {7}, 0);
        Task second = task(new byte[] {7}, 3);
        Lane lane = open(first);
        lane.add(first);
        lane.add(second);

        assertThat(lane.advance()).isSameAs(second);

        assertThat(lane.keyBuffer).as("the first one's buffer is let go").isSameAs(second.keyBuffer);
        assertThat(find(first)).isSameAs(lane);
    }

    @Test
    void usesALaneAgainForAnotherKey() {
        Lane lane = open(task(new byte[20], 0));
        table.close(lane);

        assertThat(open(task(new byte[] {1}, 0))).isSameAs(lane);
        assertThat(find(task(new byte[20], 0))).isNull();
        assertThat(find(task(new byte[] {1}, 2))).isSameAs(lane);
    }

    private @Nullable Lane find(Task task) {
        return table.find(task, OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength));
    }

    private Lane open(Task task) {
        return table.open(task, OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength));
    }

    /** The key lies somewhere within a larger buffer, as it does in what was received. */
    private static Task task(byte[] key, int offset) {
        Task task = new Task();
        task.keyBuffer = new byte[offset + key.length + 3];
        Arrays.fill(task.keyBuffer, (byte) 9);
        System.arraycopy(key, 0, task.keyBuffer, offset, key.length);
        task.keyOffset = offset;
        task.keyLength = key.length;
        return task;
    }
}
