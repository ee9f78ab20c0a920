// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane.tls;

/**
 * What makes a process somebody, in PEM.
 *
 * @param certificate its certificate
 * @param key its private key, PKCS #8
 */
public record Issued(String certificate, String key) {
    /** Shows no key. */
    @Override
    public String toString() {
        return "Issued[" + certificate.length() + " characters of certificate, and a key]";
    }
}
