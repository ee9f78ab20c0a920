// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The scanner, the registers and the materialised values, each against what Jackson reads of the same text. */
class JsonScannerAgainstJacksonTest {
    private static final int DOCUMENTS = 80_000;
    private static final int BROKEN = 120_000;

    @Test
    void readsWhatJacksonReads() {
        long seed = 4_711;
        var random = new SplittableRandom(seed);
        var json = new RandomJson(random);
        var jackson = new JacksonAgreement();
        int valid = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            var text = json.anyDocument();
            try {
                valid += jackson.agrees(random, jackson.tree(random), text.getBytes(UTF_8)) ? 1 : 0;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", document " + i + ": " + text, e);
            }
        }
        assertThat(valid).as("the rest is too deep").isBetween(DOCUMENTS * 3 / 4, DOCUMENTS - 1);
    }

    @Test
    void refusesWhatJacksonRefuses() {
        long seed = 815;
        var random = new SplittableRandom(seed);
        var json = new RandomJson(random);
        var jackson = new JacksonAgreement();
        int valid = 0;
        int skipped = 0;
        for (int i = 0; i < BROKEN; i++) {
            var whole = json.anyDocument();
            var text = json.broken(whole);
            try {
                var asked = jackson.tree(random);
                if (random.nextBoolean()) {
                    // What has been learnt from the whole text must not make up for what is broken.
                    jackson.scan(asked.tree(), whole);
                }
                valid += jackson.agrees(random, asked, text) ? 1 : 0;
            } catch (Oracle.NoOpinion _) {
                skipped++;
            } catch (Throwable e) {
                throw new AssertionError(
                        "seed " + seed + ", document " + i + ": " + Arrays.toString(text) + " "
                                + new String(text, UTF_8),
                        e);
            }
        }
        assertThat(valid).as("some survive").isBetween(BROKEN / 10, BROKEN * 9 / 10);
        assertThat(skipped).isLessThan(BROKEN / 1000);
    }
}
