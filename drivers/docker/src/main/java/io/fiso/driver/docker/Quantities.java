// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.DriverException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Limits as people write them and as the engine counts them. */
final class Quantities {
    private static final Pattern MEMORY = Pattern.compile("(\\d{1,12})\\s*(?:([kmgt])i?)?b?", Pattern.CASE_INSENSITIVE);
    private static final Pattern CPU = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,9})?)(m?)");
    private static final String UNITS = "kmgt";

    private Quantities() {}

    /** Bytes of {@code 256m}, {@code 256Mi}, {@code 256MB} (all the same, as for Docker itself) or plain bytes. */
    static long memoryBytes(String text) throws DriverException {
        Matcher matcher = MEMORY.matcher(text.strip());
        if (!matcher.matches()) {
            throw bad("memory", text, "256m, 1g or 512Mi");
        }
        int shift = matcher.group(2) == null
                ? 0
                : 10 * (1 + UNITS.indexOf(matcher.group(2).toLowerCase(Locale.ROOT)));
        try {
            return positive(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift), "memory", text);
        } catch (ArithmeticException _) {
            throw bad("memory", text, "256m, 1g or 512Mi");
        }
    }

    /** Billionths of a processor of {@code 0.5}, {@code 2} or {@code 500m}. */
    static long cpuNanos(String text) throws DriverException {
        Matcher matcher = CPU.matcher(text.strip());
        if (!matcher.matches()) {
            throw bad("cpu", text, "0.5, 2 or 500m");
        }
        BigDecimal unit = BigDecimal.valueOf(matcher.group(2).isEmpty() ? 1_000_000_000 : 1_000_000);
        return positive(new BigDecimal(matcher.group(1)).multiply(unit).longValue(), "cpu", text);
    }

    /** The shortest exact notation: {@code 256m}. */
    static String memory(long bytes) {
        long value = bytes;
        int unit = 0;
        while (unit < UNITS.length() && value >= 1024 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? Long.toString(value) : value + UNITS.substring(unit - 1, unit);
    }

    private static long positive(long value, String resource, String text) throws DriverException {
        if (value <= 0) {
            throw bad(resource, text, "more than nothing");
        }
        return value;
    }

    private static DriverException bad(String resource, String text, String expected) {
        return new DriverException(
                "driver.bad_resources",
                "resources." + resource + " is \"" + text + "\", which the docker driver cannot read; write "
                        + expected);
    }
}
