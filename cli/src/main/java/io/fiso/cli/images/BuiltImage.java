// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.Format;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image that is here.
 *
 * @param name with its tag
 * @param kind runtime, component or fisoctl
 * @param version of what is in it; empty if it does not say
 * @param bytes of all its layers, unpacked, those included that it shares with others
 * @param created when, as docker writes it: RFC 3339
 */
public record BuiltImage(String name, String kind, String version, long bytes, String created) {
    /** For programs. */
    public Map<String, @Nullable Object> data() {
        return Format.map("name", name, "kind", kind, "version", version, "bytes", bytes, "created", created);
    }

    /** Decimal megabytes, as docker counts them. */
    public String size() {
        return Math.round(bytes / 1e6) + " MB";
    }
}
