// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Names of objects: lower case, beginning with a letter, at most {@value #LONGEST} characters, so that what Kubernetes appends to them (a hash and an ordinal
 * for pods and revisions) stays within 63. They end in a hash of what they stand for, since "a-b" with "c" and "a" with "b-c" would read the same, and names of
 * pipelines may differ in case alone.
 */
final class Names {
    /** The revision label of a StatefulSet's pods is its name, "-" and ten characters; 63 at most. */
    static final int LONGEST = 52;

    private static final int HASH = 10;

    private Names() {}

    /** Of the object that owns all others of a pipeline. */
    static String root(String pipeline) {
        return name(pipeline, hash(pipeline));
    }

    /** Of all objects of one component; they differ in kind. */
    static String component(String pipeline, String component) {
        return name(pipeline + "-" + component, hash(pipeline + "/" + component));
    }

    /** SHA-256 of a text, hex. */
    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String hash(String text) {
        return sha256(text).substring(0, HASH);
    }

    private static String name(String readable, String hash) {
        String slug = readable.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
        slug = Character.isLetter(slug.charAt(0)) ? slug : "p" + slug;
        String cut =
                slug.substring(0, Math.min(slug.length(), LONGEST - HASH - 1)).replaceAll("-+$", "");
        return cut + "-" + hash;
    }
}
