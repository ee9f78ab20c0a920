// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Keeps dead letters for tests to look at; is down, is mute, or finds letters too large, on request. Thread-safe. */
public final class FailingDeadLetterStore implements DeadLetterStore {
    private final List<DeadLetter> letters = new ArrayList<>();
    private Predicate<DeadLetter> tooLarge = letter -> false;
    private boolean down;
    private boolean mute;
    private int refusals;

    /** From now on nothing is written. */
    public synchronized void fail() {
        down = true;
    }

    /** From now on it takes letters and does not answer. */
    public synchronized void mute() {
        mute = true;
    }

    /** Letters are written again, also those that wait for an answer. */
    public synchronized void heal() {
        down = false;
        mute = false;
        notifyAll();
    }

    /** Refuses these letters for good. */
    public synchronized void refuse(Predicate<DeadLetter> letter) {
        tooLarge = letter;
    }

    /** How many calls failed because the store was down. */
    public synchronized int refusals() {
        return refusals;
    }

    /** What was written, in order. */
    public synchronized List<DeadLetter> letters() {
        return List.copyOf(letters);
    }

    @Override
    public synchronized void write(List<DeadLetter> added) throws IOException, TooLargeException, InterruptedException {
        while (mute) {
            wait();
        }
        if (down) {
            refusals++;
            throw new IOException("the store is down");
        }
        for (int index = 0; index < added.size(); index++) {
            DeadLetter letter = added.get(index);
            if (tooLarge.test(letter)) {
                throw new TooLargeException(index, "a letter is too large for this store");
            }
            letters.add(letter);
        }
    }

    @Override
    public String description() {
        return "store that fails on request";
    }
}
