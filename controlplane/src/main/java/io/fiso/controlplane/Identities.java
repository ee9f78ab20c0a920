// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.tls.CertificateAuthority;
import io.fiso.controlplane.tls.Issued;
import io.fiso.tls.TlsDirectory;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The authority of a control plane, kept on disk, and the directories it has written: each for one process, and for its user's eyes alone. What is in use is
 * renewed in place in good time. For any thread.
 */
final class Identities {
    private static final System.Logger LOG = System.getLogger(Identities.class.getName());
    private static final String AUTHORITY_KEY = "ca.key";

    private final CertificateAuthority authority;
    private final Set<Path> inUse = ConcurrentHashMap.newKeySet();

    private Identities(CertificateAuthority authority) {
        this.authority = authority;
    }

    /** With an authority that ends with this process. */
    static Identities inMemory(InstantSource clock) {
        return new Identities(CertificateAuthority.create(clock));
    }

    /**
     * With the authority that this directory holds; it is made if there is none yet.
     *
     * @throws IOException if it cannot be used, with what to do
     */
    static Identities keptIn(Path directory, InstantSource clock) throws IOException {
        Path certificate = directory.resolve(TlsDirectory.AUTHORITY);
        Path key = directory.resolve(AUTHORITY_KEY);
        // The certificate is written last: without it nothing has been issued.
        if (Files.exists(certificate)) {
            return new Identities(read(certificate, key, clock));
        }
        CertificateAuthority created = CertificateAuthority.create(clock);
        PrivateFiles.directory(directory);
        write(key, created.keyPem());
        write(certificate, created.certificatePem());
        return new Identities(created);
    }

    private static CertificateAuthority read(Path certificate, Path key, InstantSource clock) throws IOException {
        String remedy = "; put both files back, or remove " + certificate.getParent()
                + " when none of its components runs, and a new authority is made";
        try (InputStream certificates = Files.newInputStream(certificate);
                InputStream keys = Files.newInputStream(key)) {
            X509Certificate authority = CertificateUtils.getX509Certificates(certificates)[0];
            PrivateKey authorityKey = CertificateUtils.getPrivateKey(keys);
            if (clock.instant().isAfter(authority.getNotAfter().toInstant())) {
                throw new IOException("the authority in " + certificate + " ended at "
                        + authority.getNotAfter().toInstant() + remedy);
            }
            return CertificateAuthority.of(authority, authorityKey, clock);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IOException(
                    "the authority in " + certificate + " and " + key + " cannot be used: " + e.getMessage() + remedy,
                    e);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("the authority's " + e.getFile() + " is missing" + remedy, e);
        }
    }

    CertificateAuthority authority() {
        return authority;
    }

    /**
     * Writes a directory for one process, with a new key, and has it renewed from now on.
     *
     * @param name who it is for, {@code sink-0}
     * @param unit what that belongs to; empty for none
     * @param names the DNS names and addresses that it answers to
     */
    TlsDirectory issue(Path directory, String name, String unit, Collection<String> names) throws IOException {
        Issued issued = authority.issue(name, unit, names);
        PrivateFiles.directory(directory);
        write(directory.resolve(TlsDirectory.AUTHORITY), authority.certificatePem());
        write(directory.resolve(TlsDirectory.KEY), issued.key());
        write(directory.resolve(TlsDirectory.CERTIFICATE), issued.certificate());
        return keep(directory);
    }

    /** Has a directory renewed from now on that an earlier control plane has written. */
    TlsDirectory keep(Path directory) {
        inUse.add(directory);
        return new TlsDirectory(directory);
    }

    /** Removes every directory of a run that has ended: nobody may be these any more. */
    void forget(Path runDirectory) {
        inUse.removeIf(directory -> directory.startsWith(runDirectory));
        if (!Files.exists(runDirectory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(runDirectory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "keys of an ended run not removed directory=" + runDirectory, e);
        }
    }

    /** Replaces the certificates that have reached the last third of their lives; who uses one reads it with its next connection. */
    void renew() {
        for (Path directory : inUse) {
            try {
                TlsDirectory identity = new TlsDirectory(directory);
                Optional<String> renewed =
                        authority.renewed(identity.certificate().getFirst());
                if (renewed.isPresent()) {
                    // Of the same key, so that no reader sees one that does not fit the other.
                    write(directory.resolve(TlsDirectory.CERTIFICATE), renewed.get());
                    LOG.log(System.Logger.Level.INFO, "certificate renewed directory=" + directory);
                }
            } catch (IOException | IllegalStateException e) {
                LOG.log(System.Logger.Level.WARNING, "certificate not renewed directory=" + directory, e);
            }
        }
    }

    private static void write(Path file, String pem) throws IOException {
        PrivateFiles.write(file, pem.getBytes(StandardCharsets.US_ASCII));
    }
}
