// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** The JDK's own judgement of a certificate, host name included, told so that people know which certificate it was and what to do. For any thread. */
final class ExplainedTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager judge;
    private final X509Certificate authority;

    private interface Judgement {
        void pass() throws CertificateException;
    }

    ExplainedTrust(List<X509Certificate> authorities) {
        this.authority = authorities.getFirst();
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                trusted.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(trusted);
            TrustManager manager = factory.getTrustManagers()[0];
            this.judge = (X509ExtendedTrustManager) manager;
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException("this Java cannot judge certificates", e);
        }
    }

    private void explain(X509Certificate[] chain, Judgement judgement) throws CertificateException {
        try {
            judgement.pass();
        } catch (CertificateException e) {
            throw new CertificateException(Certificates.shown(chain[0]) + " is refused: " + reason(chain[0], e), e);
        }
    }

    private String reason(X509Certificate presented, CertificateException refusal) {
        try {
            presented.checkValidity();
        } catch (CertificateExpiredException _) {
            return "it ended at " + presented.getNotAfter().toInstant();
        } catch (CertificateNotYetValidException _) {
            return "it begins only at " + presented.getNotBefore().toInstant()
                    + "; compare the clocks of both machines";
        }
        try {
            presented.verify(authority.getPublicKey());
        } catch (GeneralSecurityException _) {
            return "another authority has issued it than the one trusted here, " + Certificates.shown(authority)
                    + "; peers have to belong to the same control plane";
        }
        return String.valueOf(refusal.getMessage());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        explain(chain, () -> judge.checkClientTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        explain(chain, () -> judge.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        explain(chain, () -> judge.checkClientTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        explain(chain, () -> judge.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        explain(chain, () -> judge.checkClientTrusted(chain, type));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        explain(chain, () -> judge.checkServerTrusted(chain, type));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
