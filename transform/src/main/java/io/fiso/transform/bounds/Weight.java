// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

import dev.cel.common.values.CelByteString;
import io.fiso.transform.json.Materializer;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * About how many bytes a value takes, as if all its parts were its own. A value that contains another many times weighs as much as its text would be long:
 * who goes over all of it, to compare it, takes as long.
 */
public final class Weight {
    /** Of an object, whatever it holds. */
    public static final int OBJECT = 40;

    /** Of an element, beside what it is. */
    public static final int ELEMENT = 16;

    private Weight() {}

    /** @param most where to stop, since it is too much */
    static long of(@Nullable Object value, long most) {
        return switch (value) {
            case String text -> OBJECT + text.length();
            case CelByteString bytes -> OBJECT + bytes.size();
            case Materializer.Source source -> OBJECT + source.end() - source.start();
            case Map<?, ?> members -> ofMembers(members, most);
            case Iterable<?> elements -> ofElements(elements, most);
            case Optional<?> optional -> optional.isPresent() ? of(optional.get(), most) : 0;
            case null, default -> 0;
        };
    }

    private static long ofMembers(Map<?, ?> members, long most) {
        long sum = OBJECT;
        for (var member : members.entrySet()) {
            sum += 2 * ELEMENT + OBJECT + of(member.getKey(), most - sum) + of(member.getValue(), most - sum);
            if (sum > most) {
                break;
            }
        }
        return sum;
    }

    private static long ofElements(Iterable<?> elements, long most) {
        long sum = OBJECT;
        for (var element : elements) {
            sum += ELEMENT + of(element, most - sum);
            if (sum > most) {
                break;
            }
        }
        return sum;
    }
}
