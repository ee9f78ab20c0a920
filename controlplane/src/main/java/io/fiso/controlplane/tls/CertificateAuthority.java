// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane.tls;

import io.fiso.tls.Certificates;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * Makes certificates for one control plane, its components and its operator: ECDSA over P-256, for both ends of a connection, valid for {@link #LIFETIME}.
 * The authority's own certificate is good for that alone: nobody whom it certifies can certify others. For any thread.
 */
public final class CertificateAuthority {
    /** How long a certificate is good. */
    public static final Duration LIFETIME = Duration.ofDays(90);

    /** How long the authority's own is good: longer than a control plane keeps its directory. */
    private static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);

    /** Clocks of two machines may differ. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;

    private final SecureRandom random = new SecureRandom();
    private final X509Certificate certificate;
    private final PrivateKey key;
    private final InstantSource clock;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key, InstantSource clock) {
        this.certificate = certificate;
        this.key = key;
        this.clock = clock;
    }

    /** A new one, whom nobody trusts yet. */
    public static CertificateAuthority create(InstantSource clock) {
        try {
            SecureRandom random = new SecureRandom();
            KeyPair pair = pair();
            // A name of its own, so that a message tells apart the authorities of two control planes.
            X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.O, "Fiso")
                    .addRDN(BCStyle.CN, "control plane " + Integer.toHexString(random.nextInt()))
                    .build();
            Instant now = clock.instant();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(SERIAL_BITS, random),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(AUTHORITY_LIFETIME)),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(signed(builder, pair.getPrivate()), pair.getPrivate(), clock);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw cannot(e);
        }
    }

    /** One that was made before. Whether certificate and key belong together shows when it issues. */
    public static CertificateAuthority of(X509Certificate certificate, PrivateKey key, InstantSource clock) {
        return new CertificateAuthority(certificate, key, clock);
    }

    /** Its own certificate, which all whom it certifies trust. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** The same in PEM. */
    public String certificatePem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    /** Its key in PEM; whoever has it can be anybody. */
    public String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    /**
     * A new key and a certificate of it.
     *
     * @param name who it is for, {@code sink-0}
     * @param unit what that belongs to, the pipeline; empty for none
     * @param hosts the DNS names and IP addresses it answers to; none for one who only dials
     */
    public Issued issue(String name, String unit, Collection<String> hosts) {
        X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "Fiso");
        if (!unit.isEmpty()) {
            subject.addRDN(BCStyle.OU, unit);
        }
        try {
            KeyPair pair = pair();
            X509Certificate issued = certified(subject.addRDN(BCStyle.CN, name).build(), hosts, pair.getPublic());
            return new Issued(
                    pem("CERTIFICATE", encoded(issued)),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw cannot(e);
        }
    }

    /**
     * A certificate like this one, of the same key, from now on: so a file with it may be replaced while its key stays. In PEM; empty while this one is
     * good for more than a third of its life, or is none of this authority's.
     */
    public Optional<String> renewed(X509Certificate old) {
        if (clock.instant().isBefore(renewalOf(old)) || !issuedHere(old)) {
            return Optional.empty();
        }
        try {
            X500Name subject =
                    X500Name.getInstance(old.getSubjectX500Principal().getEncoded());
            return Optional.of(
                    pem("CERTIFICATE", encoded(certified(subject, Certificates.names(old), old.getPublicKey()))));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw cannot(e);
        }
    }

    /** When two thirds of its life are over. */
    public static Instant renewalOf(X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        return end.minus(
                Duration.between(certificate.getNotBefore().toInstant(), end).dividedBy(3));
    }

    private boolean issuedHere(X509Certificate other) {
        try {
            other.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private X509Certificate certified(X500Name subject, Collection<String> hosts, PublicKey subjectKey)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        Instant now = clock.instant();
        Instant end = now.plus(LIFETIME);
        Instant last = certificate.getNotAfter().toInstant();
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        X500Name.getInstance(
                                certificate.getSubjectX500Principal().getEncoded()),
                        new BigInteger(SERIAL_BITS, random),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(end.isBefore(last) ? end : last),
                        subject,
                        subjectKey)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                }))
                .addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(subjectKey))
                .addExtension(
                        Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(certificate));
        if (!hosts.isEmpty()) {
            builder.addExtension(Extension.subjectAlternativeName, false, names(hosts));
        }
        X509Certificate issued = signed(builder, key);
        // Else nobody would trust it, and nobody would know why.
        issued.verify(certificate.getPublicKey());
        return issued;
    }

    private static GeneralNames names(Collection<String> hosts) {
        return new GeneralNames(hosts.stream()
                .distinct()
                .map(host ->
                        new GeneralName(IPAddress.isValid(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new));
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw cannot(e);
        }
    }

    private static String pem(String what, byte[] der) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(what, der));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static IllegalStateException cannot(Exception cause) {
        return new IllegalStateException("no certificate can be issued: " + cause.getMessage(), cause);
    }
}
