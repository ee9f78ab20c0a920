// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.client5.http.ssl.TrustAllStrategy;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.jspecify.annotations.Nullable;

/** Whom an https connection trusts. */
final class Trust {
    private Trust() {}

    static TlsSocketStrategy of(HttpSinkConfig.@Nullable Tls tls) throws GeneralSecurityException, IOException {
        if (tls == null) {
            return DefaultClientTlsStrategy.createDefault();
        }
        if (tls.skipVerify()) {
            SSLContext anyone = SSLContextBuilder.create()
                    .loadTrustMaterial(TrustAllStrategy.INSTANCE)
                    .build();
            return new DefaultClientTlsStrategy(
                    anyone, HostnameVerificationPolicy.CLIENT, NoopHostnameVerifier.INSTANCE);
        }
        String caFile = tls.caFile();
        if (caFile == null) {
            return DefaultClientTlsStrategy.createDefault();
        }
        SSLContext context = SSLContextBuilder.create()
                .loadTrustMaterial(authorities(Path.of(caFile)), null)
                .build();
        return new DefaultClientTlsStrategy(context);
    }

    private static KeyStore authorities(Path file) throws GeneralSecurityException, IOException {
        Collection<? extends Certificate> certificates;
        try (InputStream pem = Files.newInputStream(file)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(pem);
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException(
                    "tls.caFile \"" + file + "\" has no certificate in it; a PEM file is expected");
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        return store;
    }
}
