// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** A payload is not JSON. Without a stack trace: it says where in the payload, not where in the program. */
public final class NotJsonException extends Exception {
    private static final long serialVersionUID = 1;

    private final int at;
    private final String reason;

    NotJsonException(int at, String reason) {
        super("the payload is not JSON: " + reason, null, false, false);
        this.at = at;
        this.reason = reason;
    }

    /** The index of the byte that cannot stand where it stands; one behind the payload if it ends too early. */
    public int at() {
        return at;
    }

    /** What was found, and what was expected instead. */
    public String reason() {
        return reason;
    }

    /** The message with the place, for a payload that starts at {@code json[from]}. */
    public String message(byte[] json, int from) {
        return "the payload is not JSON (" + place(json, from) + "): " + reason;
    }

    /** "line L, column C", both from 1 and the column in characters, for a payload that starts at {@code json[from]}. */
    public String place(byte[] json, int from) {
        int line = 1;
        int lineStart = from;
        for (int i = from; i < at && i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r' && !(i + 1 < json.length && json[i + 1] == '\n')) {
                line++;
                lineStart = i + 1;
            }
        }
        return "line " + line + ", column " + (1 + JsonText.codePoints(json, lineStart, Math.min(at, json.length)));
    }
}
