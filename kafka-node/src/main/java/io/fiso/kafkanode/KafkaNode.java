// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafkanode;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * One Kafka node, broker and controller in one, in the foreground. {@code java ... KafkaNode <data directory> <port> [key=value ...]}: formats the
 * directory on its first start, prints {@code READY <host:port>} on stdout when clients can connect, and shuts down cleanly on SIGTERM.
 * Listens on the loopback interface only. The setting {@code more.listeners=NAME:PROTOCOL:[host:]port,...} adds listeners to the plain one.
 */
public final class KafkaNode {
    private static final String HOST = "127.0.0.1";
    private static final String MORE_LISTENERS = "more.listeners";
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger ROOT_LOGGER = Logger.getLogger("");

    private KafkaNode() {}

    /** Runs the node until it is told to stop. */
    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: KafkaNode <data directory> <port> [key=value ...]");
            System.exit(2);
        }
        ROOT_LOGGER.setLevel(Level.WARNING);
        Path data = Path.of(args[0]).toAbsolutePath();
        int port = Integer.parseInt(args[1]);
        int controllerPort = freePort();
        Properties properties = properties(data, port, controllerPort);
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            properties.setProperty(pair[0], pair.length == 2 ? pair[1] : "");
        }
        addListeners(properties);
        format(data);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
        endWithInputIfAsked();
        server.startup();
        System.out.println("READY " + HOST + ":" + port);
        System.out.flush();
        server.awaitShutdown();
    }

    private static void addListeners(Properties properties) {
        Object more = properties.remove(MORE_LISTENERS);
        if (more == null) {
            return;
        }
        for (String listener : more.toString().split(",")) {
            String[] parts = listener.split(":", 3);
            String place = parts[2].contains(":") ? parts[2] : HOST + ":" + parts[2];
            String address = parts[0] + "://" + place;
            append(properties, "listeners", address);
            append(properties, "advertised.listeners", address);
            append(properties, "listener.security.protocol.map", parts[0] + ":" + parts[1]);
        }
    }

    private static void append(Properties properties, String name, String value) {
        properties.setProperty(name, properties.getProperty(name) + "," + value);
    }

    /** A parent that is killed cannot stop this process, but its end of the pipe closes. */
    private static void endWithInputIfAsked() {
        if (Boolean.getBoolean("fiso.kafkanode.endsWithInput")) {
            Thread.ofPlatform().daemon().name("parent").start(() -> {
                try {
                    System.in.transferTo(OutputStream.nullOutputStream());
                } catch (IOException _) {
                    // As good as closed.
                }
                System.exit(0);
            });
        }
    }

    private static Properties properties(Path data, int port, int controllerPort) {
        Properties properties = new Properties();
        properties.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@" + HOST + ":" + controllerPort),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort),
                Map.entry("advertised.listeners", "PLAINTEXT://" + HOST + ":" + port),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", data.toString()),
                Map.entry("num.partitions", "6"),
                Map.entry("auto.create.topics.enable", "true"),
                Map.entry("offsets.topic.num.partitions", "4"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("transaction.state.log.num.partitions", "4"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                // By size, not by age: records with old timestamps would vanish under the reader's eyes.
                Map.entry("log.retention.ms", "-1"),
                Map.entry("log.retention.bytes", "1073741824"),
                // A group of one developer need not wait for more members.
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                // A node that is alone waits for nobody when it shuts down.
                Map.entry("controlled.shutdown.enable", "false"),
                Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4")));
        return properties;
    }

    private static void format(Path data) throws Exception {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(data);
        new Formatter()
                .setPrintStream(System.err)
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(data.toString())
                .setDirectories(java.util.List.of(data.toString()))
                .run();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
