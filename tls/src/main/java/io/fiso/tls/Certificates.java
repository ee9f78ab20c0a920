// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What certificates say, for people. */
public final class Certificates {
    private Certificates() {}

    /** {@code the certificate of "CN=sink-0, OU=orders" for 127.0.0.1, localhost (serial 7f3a)}. */
    public static String shown(X509Certificate certificate) {
        List<String> names = names(certificate);
        return "the certificate of \"" + certificate.getSubjectX500Principal().getName() + "\""
                + (names.isEmpty() ? "" : " for " + String.join(", ", names)) + " (serial "
                + certificate.getSerialNumber().toString(16) + ")";
    }

    /** The DNS names and addresses that it is good for. */
    public static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = Optional.ofNullable(certificate.getSubjectAlternativeNames())
                    .orElse(List.of());
            return names.stream().map(name -> String.valueOf(name.get(1))).toList();
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }
}
