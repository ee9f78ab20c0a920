// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafkanode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A key with a certificate that it signed itself, made with the JDK's keytool: for 127.0.0.1 and localhost, valid for a week.
 *
 * @param keystore both in PKCS #12, opened with {@link #PASSWORD}
 * @param certificate the certificate in PEM
 * @param key the private key in PEM (PKCS #8)
 */
public record SelfSigned(Path keystore, Path certificate, Path key) {
    /** What the keystore is protected with. */
    public static final String PASSWORD = "only-for-tests";

    /** Makes one; its files are named after it. */
    public static SelfSigned create(Path directory, String name) throws IOException, InterruptedException {
        Path keystore = directory.resolve(name + ".p12");
        Path certificate = directory.resolve(name + ".pem");
        Path key = directory.resolve(name + ".key.pem");
        keytool(
                keystore,
                List.of(
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "7"));
        keytool(keystore, List.of("-exportcert", "-rfc", "-alias", name, "-file", certificate.toString()));
        Files.writeString(key, privateKey(keystore, name));
        return new SelfSigned(keystore, certificate, key);
    }

    private static void keytool(Path keystore, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        command.addAll(List.of("-keystore", keystore.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }

    private static String privateKey(Path keystore, String alias) throws IOException {
        try (InputStream in = Files.newInputStream(keystore)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            byte[] encoded = store.getKey(alias, PASSWORD.toCharArray()).getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(encoded)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IOException("the private key in " + keystore + " cannot be read", e);
        }
    }
}
