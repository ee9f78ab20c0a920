// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

/** What a caller sent, fit to be repeated in a message. */
final class Quoted {
    private static final int LENGTH_MAX = 80;

    private Quoted() {}

    static String shortened(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LENGTH_MAX).forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > LENGTH_MAX ? shown + "…" : shown.toString();
    }
}
