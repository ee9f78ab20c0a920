// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;

/** Somebody who calls gRPC ports with nothing of Fiso's in hand but what it was given: the JDK's HTTP/2 and TLS. It believes every server. */
final class GrpcStranger {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final byte TLS_ALERT = 0x15;

    private static final TrustManager EVERYBODY = new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    private final SSLContext tls;

    private GrpcStranger(KeyManager[] keys) throws Exception {
        this.tls = SSLContext.getInstance("TLSv1.3");
        this.tls.init(keys, new TrustManager[] {EVERYBODY}, new SecureRandom());
    }

    static GrpcStranger withoutCertificate() throws Exception {
        return new GrpcStranger(null);
    }

    /** With a certificate that it has signed itself. */
    static GrpcStranger selfSigned(Path directory) throws Exception {
        Path store = directory.resolve("stranger.p12");
        Files.deleteIfExists(store);
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "stranger",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=operator, O=Fiso",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError(
                    "keytool ended with " + code + ": " + Files.readString(directory.resolve("keytool.log")));
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        return new GrpcStranger(managers(keys));
    }

    /** With the certificate and key of such a directory as the control plane writes. */
    static GrpcStranger holding(Path directory) throws Exception {
        String pem = Files.readString(directory.resolve("tls.key")).replaceAll("-----[A-Z ]+-----", "");
        Certificate certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(directory.resolve("tls.crt"))));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "own",
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem))),
                PASSWORD,
                new Certificate[] {certificate});
        return new GrpcStranger(managers(keys));
    }

    private static KeyManager[] managers(KeyStore keys) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(keys, PASSWORD);
        return new KeyManager[] {new Shameless((X509ExtendedKeyManager) factory.getKeyManagers()[0])};
    }

    /** Presents its certificate even to a server that says it wants another authority's. */
    private static final class Shameless extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Shameless(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return keys.chooseEngineClientAlias(types, null, engine);
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(types, null, socket);
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return keys.getClientAliases(type, null);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    /** What {@code grpc.health.v1.Health/Check} answers: "ok", "grpc-status 16", or "no connection". */
    String check(String address, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + address + "/grpc.health.v1.Health/Check"))
                .timeout(PATIENCE)
                .header("content-type", "application/grpc")
                .header("te", "trailers")
                .header("authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[5]))
                .build();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(PATIENCE)
                .sslContext(tls)
                .build()) {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return answer.headers()
                    .firstValue("grpc-status")
                    .map(status -> "grpc-status " + status)
                    .orElseGet(() -> answer.body().length > 0 ? "ok" : "nothing");
        } catch (java.net.http.HttpTimeoutException e) {
            throw new AssertionError(address + " neither answered nor refused", e);
        } catch (IOException _) {
            return "no connection";
        }
    }

    /** The same in plain text. */
    static String checkInPlainText(String address) throws Exception {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                    (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            // An empty SETTINGS frame.
            socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            int first = socket.getInputStream().read();
            return first < 0 || first == TLS_ALERT ? "no connection" : "answered with " + first;
        } catch (SocketException _) {
            return "no connection";
        }
    }
}
