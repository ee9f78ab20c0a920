// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The key of a process and its certificate, which is looked at again before every handshake: one that was renewed on disk serves from the next
 * connection on. For any thread.
 */
final class RereadKey extends X509ExtendedKeyManager {
    private static final System.Logger LOG = System.getLogger(RereadKey.class.getName());
    private static final String ALIAS = "fiso";

    private final TlsDirectory directory;
    private volatile Loaded loaded;

    private record Loaded(FileTime written, PrivateKey key, List<X509Certificate> chain) {}

    /** Reads it for the first time. */
    RereadKey(TlsDirectory directory) throws IOException {
        this.directory = directory;
        this.loaded = load(directory);
    }

    private static Loaded load(TlsDirectory directory) throws IOException {
        FileTime written = directory.written();
        Loaded loaded = new Loaded(written, directory.key(), directory.certificate());
        if (!belongTogether(loaded.key(), loaded.chain().getFirst())) {
            throw new IOException(directory.path().resolve(TlsDirectory.KEY) + " is not the key of the certificate in "
                    + TlsDirectory.CERTIFICATE + " beside it; both have to come from one start of the instance");
        }
        return loaded;
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
        try {
            String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            byte[] something = "fiso".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(something);
            byte[] signature = signing.sign();
            signing.initVerify(certificate.getPublicKey());
            signing.update(something);
            return signing.verify(signature);
        } catch (InvalidKeyException | SignatureException _) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java knows no signatures over P-256 or RSA", e);
        }
    }

    private String alias() {
        try {
            if (!directory.written().equals(loaded.written())) {
                loaded = load(directory);
            }
        } catch (IOException e) {
            // Better the certificate that was valid at the start than none.
            LOG.log(System.Logger.Level.WARNING, "A renewed certificate is not used: {0}", e.getMessage());
        }
        return ALIAS;
    }

    X509Certificate certificate() {
        return loaded.chain().getFirst();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {alias()};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {alias()};
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return List.of(keyTypes).contains(loaded.key().getAlgorithm()) ? alias() : null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(keyTypes, issuers, null);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return keyType.equals(loaded.key().getAlgorithm()) ? alias() : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseServerAlias(keyType, issuers, null);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return loaded.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return loaded.key();
    }
}
