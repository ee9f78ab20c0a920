// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafkanode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A node with every kind of lock that clients meet, beside a door without one for the test itself. One user, {@link #USER}, with one
 * {@link #PASSWORD}; certificates are made anew for every node.
 */
public final class SecureKafkaNode implements AutoCloseable {
    /** Who may log in. */
    public static final String USER = "orders";

    /** With awkward letters in it. */
    public static final String PASSWORD = "s3cr\"et\\ 'x'";

    /** A way in. */
    public enum Door {
        /** TLS; no questions asked. */
        TLS("SSL"),
        /** TLS, and the client must show the certificate of {@link #client()}. */
        MUTUAL("SSL"),
        /** TLS, and a password by PLAIN. */
        PLAIN("SASL_SSL"),
        /** TLS, and a password by SCRAM-SHA-256 or SCRAM-SHA-512. */
        SCRAM("SASL_SSL"),
        /** No encryption, and a password by SCRAM. */
        BARE("SASL_PLAINTEXT");

        private final String protocol;

        Door(String protocol) {
            this.protocol = protocol;
        }

        private String setting(String key) {
            return "listener.name." + name().toLowerCase(java.util.Locale.ROOT) + "." + key;
        }
    }

    private final KafkaNodeProcess node;
    private final Map<Door, Integer> ports;
    private final SelfSigned broker;
    private final SelfSigned client;

    private SecureKafkaNode(KafkaNodeProcess node, Map<Door, Integer> ports, SelfSigned broker, SelfSigned client) {
        this.node = node;
        this.ports = ports;
        this.broker = broker;
        this.client = client;
    }

    /** Starts a node with its data and certificates under this directory. */
    public static SecureKafkaNode start(Path directory) throws IOException, InterruptedException, ExecutionException {
        Files.createDirectories(directory);
        SelfSigned broker = SelfSigned.create(directory, "broker");
        SelfSigned client = SelfSigned.create(directory, "client");
        Map<Door, Integer> ports =
                Arrays.stream(Door.values()).collect(Collectors.toMap(door -> door, _ -> freePort()));
        String listeners = ports.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getKey().protocol + ":" + entry.getValue())
                .collect(Collectors.joining(","));
        String login = " required username=\"x\" password=\"x\"";
        String credentials = PASSWORD.replace("\\", "\\\\").replace("\"", "\\\"");
        List<String> settings = List.of(
                "more.listeners=" + listeners,
                "ssl.keystore.location=" + broker.keystore(),
                "ssl.keystore.password=" + SelfSigned.PASSWORD,
                "ssl.keystore.type=PKCS12",
                Door.MUTUAL.setting("ssl.client.auth=required"),
                Door.MUTUAL.setting("ssl.truststore.type=PEM"),
                Door.MUTUAL.setting("ssl.truststore.location=" + client.certificate()),
                "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
                Door.PLAIN.setting("sasl.enabled.mechanisms=PLAIN"),
                Door.PLAIN.setting("plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule")
                        + login + " user_" + USER + "=\"" + credentials + "\";");
        List<String> scram = Stream.of(Door.SCRAM, Door.BARE)
                .flatMap(door -> Stream.of(
                        door.setting("sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512"),
                        scram(door, "scram-sha-256"),
                        scram(door, "scram-sha-512")))
                .toList();
        KafkaNodeProcess node = KafkaNodeProcess.start(
                directory, Stream.concat(settings.stream(), scram.stream()).toArray(String[]::new));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", node.bootstrapServers()))) {
            // One request each: a user may be altered only once in a request.
            for (ScramMechanism mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
                UserScramCredentialAlteration user =
                        new UserScramCredentialUpsertion(USER, new ScramCredentialInfo(mechanism, 4096), PASSWORD);
                admin.alterUserScramCredentials(List.of(user)).all().get(30, TimeUnit.SECONDS);
            }
        } catch (java.util.concurrent.TimeoutException e) {
            node.close();
            throw new IOException("the node takes no users", e);
        }
        return new SecureKafkaNode(node, ports, broker, client);
    }

    private static String scram(Door door, String mechanism) {
        return door.setting(mechanism)
                + ".sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;";
    }

    /** Where clients connect that use this door. */
    public String bootstrapServers(Door door) {
        return "127.0.0.1:" + ports.get(door);
    }

    /** Where the test connects, without a lock. */
    public String bootstrapServers() {
        return node.bootstrapServers();
    }

    /** What clients must trust. */
    public SelfSigned broker() {
        return broker;
    }

    /** What a client shows at {@link Door#MUTUAL}. */
    public SelfSigned client() {
        return client;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        node.close();
    }
}
