// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code fisoctl broker} as its user sees it. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class BrokerIT {
    private static final String STREAM = "default/shop/streams/orders";
    private static final String QUEUE = "default/shop/queues/mails";
    private static final String CARTS = "default/shop/kv/carts";
    private static final Duration STOP = Duration.ofSeconds(40);

    @Test
    void keepsRecordsJobsAndKeysOverARestart(Sandbox sandbox) throws Exception {
        Path data = sandbox.directory().resolve("data");
        BrokerProcess first = BrokerProcess.start(sandbox, data);
        for (String name : List.of(STREAM, QUEUE, CARTS)) {
            first.create(name);
        }
        first.post("/v1/resources/" + STREAM + "/records", records("one", "two"))
                .ok();
        first.post("/v1/resources/" + QUEUE + "/jobs", jobs("mail")).ok();
        first.call("PUT", "/v1/resources/" + CARTS + "/keys/ada", "{\"value\": \"" + BrokerProcess.base64("3") + "\"}")
                .ok();
        FisoctlProcess found = sandbox.end(0, "queue", "describe", "shop/mails", "--broker", data, "-o", "json");
        assertThat(found.envelope().path("result").path("ready").asInt()).isEqualTo(1);
        first.process().controlC();
        first.process().expectExit(0, STOP);
        assertThat(data.resolve("running.json")).doesNotExist();
        assertThat(first.process().envelope().path("ok").asBoolean()).isTrue();

        BrokerProcess second = BrokerProcess.start(sandbox, data);

        assertThat(second.get("/v1/resources/" + STREAM + "/records").ok().path("records"))
                .extracting(record -> BrokerProcess.text(record.path("payload")))
                .containsExactly("one", "two");
        assertThat(second.post("/v1/resources/" + QUEUE + "/jobs:reserve", Map.of())
                        .ok()
                        .path("jobs"))
                .extracting(job -> BrokerProcess.text(job.path("content").path("payload")))
                .containsExactly("mail");
        assertThat(BrokerProcess.text(second.get("/v1/resources/" + CARTS + "/keys/ada")
                        .ok()
                        .path("entry")
                        .path("value")))
                .isEqualTo("3");
    }

    @Test
    void itsTokensAreForItsOwnersEyesAndItsContractIsForEveryones(Sandbox sandbox) throws Exception {
        BrokerProcess broker = BrokerProcess.start(sandbox, sandbox.directory().resolve("data"));

        Path access = Path.of(broker.ready().path("accessFile").asString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(access)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(sandbox.directory().resolve("data"))))
                .isEqualTo("rwx------");
        assertThat(broker.get("/openapi.json").ok().path("paths").propertyNames())
                .contains("/v1/resources/{tenant}/{namespace}/{kind}/{stream}/records");
        assertThat(broker.get("/v1/resources/default/shop/streams/none").code()).isEqualTo("broker.resource_not_found");
    }

    @Test
    void aSecondOneIsRefusedTheSameDirectoryAndTheSamePort(Sandbox sandbox) throws Exception {
        Path data = sandbox.directory().resolve("data");
        BrokerProcess first = BrokerProcess.start(sandbox, data);
        int taken = first.ready().path("httpPort").asInt();

        FisoctlProcess sameDirectory =
                sandbox.end(3, "broker", "--data", data, "--port", 0, "--http-port", 0, "-o", "json");
        FisoctlProcess samePort = sandbox.end(
                3,
                "broker",
                "--data",
                sandbox.directory().resolve("other"),
                "--port",
                0,
                "--http-port",
                taken,
                "-o",
                "json");

        assertThat(sameDirectory.envelope().path("error").path("code").asString())
                .isEqualTo("broker.store_in_use");
        assertThat(sameDirectory.envelope().path("error").path("message").asString())
                .contains(
                        "process " + first.process().pid(),
                        "127.0.0.1:" + first.ready().path("grpcPort").asInt());
        assertThat(samePort.envelope().path("error").path("code").asString()).isEqualTo("broker.port_taken");
        assertThat(samePort.envelope().path("error").path("message").asString()).contains(Integer.toString(taken));
    }

    private static Map<String, ?> records(String... payloads) {
        return Map.of("records", payloads(payloads));
    }

    private static Map<String, ?> jobs(String... payloads) {
        return Map.of("jobs", payloads(payloads));
    }

    private static List<Map<String, String>> payloads(String... payloads) {
        return List.of(payloads).stream()
                .map(payload -> Map.of("payload", BrokerProcess.base64(payload)))
                .toList();
    }
}
