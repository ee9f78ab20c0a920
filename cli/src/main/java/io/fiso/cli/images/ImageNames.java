// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

/**
 * What images are called.
 *
 * @param prefix in front of the slash: {@code fiso}, {@code registry.example.org/team/fiso}
 * @param tag the version
 */
public record ImageNames(String prefix, String tag) {
    /** What all others stand on. */
    public String runtime() {
        return of("runtime");
    }

    /** The command line. */
    public String fisoctl() {
        return of("fisoctl");
    }

    /** A component's; of its type. */
    public String of(String type) {
        return prefix + "/" + type + ":" + tag;
    }
}
