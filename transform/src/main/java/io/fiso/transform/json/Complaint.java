// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** Words what is wrong with a payload. It says one character of it at most. */
final class Complaint {
    private Complaint() {}

    static NotJsonException expected(byte[] json, int at, int to, String expected) {
        return at < to
                ? new NotJsonException(at, "found " + found(json[at]) + ", expected " + expected)
                : new NotJsonException(to, "it ends too early, expected " + expected);
    }

    private static String found(byte c) {
        if (c > ' ' && c < 0x7f) {
            return c == '"' ? "a quote" : c == ',' ? "a comma" : "\"" + (char) c + "\"";
        }
        return switch (c) {
            case ' ' -> "a space";
            case '\n', '\r' -> "a line's end";
            case '\t' -> "a tab";
            default -> c < 0 ? "a character beyond ASCII" : "the control character " + c;
        };
    }
}
