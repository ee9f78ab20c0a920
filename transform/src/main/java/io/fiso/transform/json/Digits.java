// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The digits that decimals of one payload were written with, so that a number that is only copied leaves as it came. Expressions see a plain
 * {@code Double}; the very same object in the output means that nobody calculated with it.
 */
public final class Digits {
    private static final int FEW = 16;

    private Object[] numbers = new Object[4];
    private String[] digits = new String[4];
    private int size;
    private @Nullable Map<Object, String> index;

    /** Forgets all of them, for the next payload. */
    public void clear() {
        size = 0;
        index = null;
    }

    public void remember(Object number, String written) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size * 2);
            digits = Arrays.copyOf(digits, size * 2);
        }
        numbers[size] = number;
        digits[size++] = written;
    }

    /** How this very object was written; null if it was calculated. */
    @Nullable
    public String of(Object number) {
        if (size > FEW) {
            return index().get(number);
        }
        for (int i = 0; i < size; i++) {
            if (numbers[i] == number) {
                return digits[i];
            }
        }
        return null;
    }

    private Map<Object, String> index() {
        var known = index;
        if (known == null) {
            known = new IdentityHashMap<>(size * 2);
            for (int i = 0; i < size; i++) {
                known.put(numbers[i], digits[i]);
            }
            index = known;
        }
        return known;
    }
}
