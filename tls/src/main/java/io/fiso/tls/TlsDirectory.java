// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The files that make a process somebody: {@code ca.crt}, whom it trusts; {@code tls.crt}, who it is; {@code tls.key}, the proof. All PEM, under the names
 * that Kubernetes gives them. What cannot be used is told with the file's path and what to do.
 *
 * @param path the directory; the control plane writes one for every start of an instance
 */
public record TlsDirectory(Path path) {
    /** The authority's certificate. */
    public static final String AUTHORITY = "ca.crt";

    /** The certificate of who owns the directory, and those between it and the authority, if any. */
    public static final String CERTIFICATE = "tls.crt";

    /** Its private key, PKCS #8. */
    public static final String KEY = "tls.key";

    /** Whom to trust. */
    public List<X509Certificate> authority() throws IOException {
        return certificates(AUTHORITY);
    }

    /** The chain of the owner, its own certificate first. */
    public List<X509Certificate> certificate() throws IOException {
        return certificates(CERTIFICATE);
    }

    /** When the owner's certificate was written last. */
    FileTime written() throws IOException {
        Path file = path.resolve(CERTIFICATE);
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The owner's key. */
    public PrivateKey key() throws IOException {
        Path file = path.resolve(KEY);
        byte[] content = bytes(file);
        try {
            return CertificateUtils.getPrivateKey(new ByteArrayInputStream(content));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    file + " holds no private key in PEM that can be used (PKCS #8, EC or RSA): " + e.getMessage()
                            + "; " + remedy(),
                    e);
        }
    }

    private List<X509Certificate> certificates(String name) throws IOException {
        Path file = path.resolve(name);
        byte[] content = bytes(file);
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    file + " holds no certificate that can be read: " + e.getMessage() + "; " + remedy(), e);
        }
        throw new IOException(file + " holds no certificate; " + remedy());
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static IOException unreadable(Path file, IOException reason) {
        String what = switch (reason) {
            case NoSuchFileException _ -> "there is no file " + file;
            case AccessDeniedException _ ->
                "the file " + file + " may not be read by this process (user " + System.getProperty("user.name") + ")";
            default -> "the file " + file + " cannot be read: " + reason.getMessage();
        };
        return new IOException(what + "; " + remedy(), reason);
    }

    private static String remedy() {
        return "the control plane writes " + AUTHORITY + ", " + CERTIFICATE + " and " + KEY
                + " when it starts an instance; start it again, or let FISO_TLS_DIR name a directory that holds them";
    }
}
