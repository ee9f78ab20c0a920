// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.BrokerException;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bit that turns in a file is found, wherever it is; wrong bytes are never answered. */
@Timeout(300)
class DamageTest {
    private static final int FLIPS = 1_500;

    private final Logger logs = Logger.getLogger("io.fiso.broker.store");

    @BeforeEach
    void doesNotLogWhatItProvokes() {
        logs.setLevel(Level.OFF);
    }

    @AfterEach
    void logsAgain() {
        logs.setLevel(null);
    }

    @Test
    void aBitThatTurnedInAClosedStoreIsRefusedWithItsPlaceOrDoesNoHarm() {
        int refused = 0;
        int harmless = 0;
        for (int seed = 1; seed <= FLIPS; seed++) {
            Random chance = new Random(seed);
            SimulatedDisk disk = new SimulatedDisk(chance);
            TreeMap<String, String> written = write(disk, chance, 1 + seed % 40);
            String file = anyFile(disk, chance);
            int at = chance.nextInt(disk.size(file));
            disk.flip(file, at, chance.nextInt(8));
            try (Store store = SimulatedStore.open(disk, FrameLog::new, false).store()) {
                assertThat(ModelWorkload.read(store))
                        .as("seed %s, %s at %s", seed, file, at)
                        .isEqualTo(written);
                harmless++;
            } catch (BrokerException e) {
                assertThat(e.code()).as("seed %s", seed).isEqualTo("broker.store_damaged");
                assertThat(e.getMessage()).contains("file '" + file + "'").containsPattern("at byte \\d+");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(harmless);
        assertThat(harmless).as("in a seal, or in what is no longer used").isPositive();
    }

    private static TreeMap<String, String> write(SimulatedDisk disk, Random chance, int commits) {
        try (Store store = SimulatedStore.open(disk, FrameLog::new, false).store()) {
            for (int i = 0; i < commits; i++) {
                byte[] key = ("k" + chance.nextInt(9)).getBytes(UTF_8);
                byte[] value = "v".repeat(chance.nextInt(3_000)).getBytes(UTF_8);
                store.write(Durability.FSYNC, change -> {
                    change.put("a", key, value);
                    return "";
                });
            }
            return ModelWorkload.read(store);
        }
    }

    private static String anyFile(SimulatedDisk disk, Random chance) {
        try {
            List<String> names = disk.names();
            return names.get(chance.nextInt(names.size()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
