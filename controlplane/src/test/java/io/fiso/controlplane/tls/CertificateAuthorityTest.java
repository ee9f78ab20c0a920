// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the authority's certificates are good for, as the JDK's own validator sees it. */
@Timeout(60)
class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

    private final CertificateAuthority authority = CertificateAuthority.create(InstantSource.fixed(NOW));

    @Test
    void whatItIssuesIsTrustedByWhoTrustsItAndByNobodyElse() throws Exception {
        X509Certificate issued = certificate(
                authority.issue("sink-0", "orders", List.of("127.0.0.1")).certificate());

        validate(issued, authority, NOW);

        assertThatThrownBy(() -> validate(issued, CertificateAuthority.create(InstantSource.fixed(NOW)), NOW))
                .isInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void aCertificateIsGoodForItsLifetimeAndNotLonger() throws Exception {
        X509Certificate issued =
                certificate(authority.issue("sink-0", "orders", List.of()).certificate());

        validate(issued, authority, NOW.minus(Duration.ofMinutes(59)));
        validate(issued, authority, NOW.plus(CertificateAuthority.LIFETIME).minusSeconds(1));

        assertThatThrownBy(() -> validate(
                        issued,
                        authority,
                        NOW.plus(CertificateAuthority.LIFETIME).plusSeconds(1)))
                .isInstanceOf(CertPathValidatorException.class);
        assertThatThrownBy(() -> validate(issued, authority, NOW.minus(Duration.ofMinutes(61))))
                .isInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void namesWhoItIsForAndWhatItIsDialledBy() throws Exception {
        Issued issued = authority.issue(
                "sink-0", "orders, and \"more\"", List.of("sink-0.orders", "10.1.2.3", "::1", "sink-0.orders"));
        X509Certificate certificate = certificate(issued.certificate());

        assertThat(certificate.getSubjectX500Principal().getName())
                .startsWith("CN=sink-0,OU=")
                .contains("orders");
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "sink-0.orders"), List.of(7, "10.1.2.3"), List.of(7, "0:0:0:0:0:0:0:1"));
    }

    @Test
    void aLeafMaySignForItselfAtBothEndsOfAConnectionAndCertifyNobody() throws Exception {
        X509Certificate leaf =
                certificate(authority.issue("sink-0", "orders", List.of()).certificate());
        X509Certificate root = authority.certificate();

        assertThat(leaf.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(leaf.getKeyUsage()).containsExactly(true, false, false, false, false, false, false, false, false);
        assertThat(leaf.getExtendedKeyUsage()).containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.19", "2.5.29.15");
        assertThat(root.getBasicConstraints()).as("certifies leaves only").isZero();
        assertThat(root.getKeyUsage()).containsExactly(false, false, false, false, false, true, true, false, false);
    }

    @Test
    void everyKeyIsItsOwnAndFitsItsCertificate() throws Exception {
        Issued one = authority.issue("sink-0", "orders", List.of());
        Issued other = authority.issue("sink-0", "orders", List.of());

        assertThat(one.key()).isNotEqualTo(other.key());
        assertThat(signs(key(one.key()), certificate(one.certificate()))).isTrue();
        assertThat(signs(key(other.key()), certificate(one.certificate()))).isFalse();
        assertThat(certificate(one.certificate()).getSerialNumber())
                .isNotEqualTo(certificate(other.certificate()).getSerialNumber());
        assertThat(one.toString()).doesNotContain("PRIVATE");
    }

    @Test
    void isTheSameAfterItWasReadAgain() throws Exception {
        CertificateAuthority reread = CertificateAuthority.of(
                certificate(authority.certificatePem()), key(authority.keyPem()), InstantSource.fixed(NOW));

        validate(certificate(reread.issue("sink-0", "orders", List.of()).certificate()), authority, NOW);
    }

    @Test
    void renewsInTheLastThirdOfALifeWithTheSameKeyAndNames() throws Exception {
        Issued issued = authority.issue("sink-0", "orders", List.of("sink-0.orders", "10.1.2.3"));
        X509Certificate old = certificate(issued.certificate());
        Instant due = NOW.plus(Duration.ofDays(60));

        assertThat(at(due.minus(Duration.ofHours(2))).renewed(old)).isEmpty();
        X509Certificate renewed = certificate(at(due).renewed(old).orElseThrow());

        validate(renewed, authority, due.plus(Duration.ofDays(89)));
        assertThat(renewed.getPublicKey()).isEqualTo(old.getPublicKey());
        assertThat(renewed.getSubjectX500Principal()).isEqualTo(old.getSubjectX500Principal());
        assertThat(Set.copyOf(renewed.getSubjectAlternativeNames()))
                .isEqualTo(Set.copyOf(old.getSubjectAlternativeNames()));
        assertThat(renewed.getSerialNumber()).isNotEqualTo(old.getSerialNumber());
    }

    @Test
    void renewsNothingOfAnotherAuthority() throws Exception {
        CertificateAuthority other = CertificateAuthority.create(InstantSource.fixed(NOW));
        X509Certificate foreign =
                certificate(other.issue("sink-0", "orders", List.of()).certificate());

        assertThat(at(NOW.plus(Duration.ofDays(80))).renewed(foreign)).isEmpty();
    }

    private CertificateAuthority at(Instant time) throws Exception {
        return CertificateAuthority.of(authority.certificate(), key(authority.keyPem()), InstantSource.fixed(time));
    }

    private static void validate(X509Certificate leaf, CertificateAuthority trusted, Instant when) throws Exception {
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(trusted.certificate(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(when));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    private static boolean signs(PrivateKey key, X509Certificate certificate) throws Exception {
        byte[] text = "text".getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        signature.update(text);
        return signature.verify(signed);
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return CertificateUtils.getX509Certificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))[
                0];
    }

    private static PrivateKey key(String pem) throws Exception {
        return CertificateUtils.getPrivateKey(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
