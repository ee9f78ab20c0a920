// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafkanode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaNodeIT {
    @TempDir
    Path directory;

    @Test
    void keepsItsTopicsOverAKill() throws Exception {
        try (KafkaNodeProcess node = KafkaNodeProcess.start(
                directory, "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500")) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", node.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic("orders", Optional.of(3), Optional.empty())))
                        .all()
                        .get(120, TimeUnit.SECONDS);
            }

            node.kill();
            node.restart();

            try (Admin admin = Admin.create(Map.of("bootstrap.servers", node.bootstrapServers()))) {
                assertThat(admin.listTopics().names().get(120, TimeUnit.SECONDS))
                        .contains("orders");
            }
        }
    }
}
