// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** UTF-8 as RFC 3629 has it: nothing longer than it need be, no surrogates, nothing beyond U+10FFFF. */
final class Utf8 {
    private Utf8() {}

    /** Checks the character beyond ASCII that starts at {@code at}, and gives the index behind it. */
    static int behindCharacter(byte[] text, int at, int to) throws NotJsonException {
        int lead = text[at] & 0xff;
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (lead < 0xc2 || lead > 0xf4 || at + length > to) {
            throw invalid(at);
        }
        // The first byte says what the second may be, lest it be too long, a surrogate, or too large; the others
        // continue.
        int second = text[at + 1] & 0xff;
        int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            throw invalid(at);
        }
        for (int i = at + 2; i < at + length; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                throw invalid(at);
            }
        }
        return at + length;
    }

    private static NotJsonException invalid(int at) {
        return new NotJsonException(at, "bytes that are not UTF-8");
    }
}
