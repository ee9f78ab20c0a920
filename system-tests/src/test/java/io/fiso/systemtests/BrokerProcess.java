// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A {@code fisoctl broker}, called over HTTP as with curl. */
final class BrokerProcess {
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(DEADLINE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final FisoctlProcess process;
    private final JsonNode ready;
    private final String token;

    private BrokerProcess(FisoctlProcess process, JsonNode ready, String token) {
        this.process = process;
        this.ready = ready;
        this.token = token;
    }

    /** An answer. */
    record Answer(int status, JsonNode body) {
        /** The body of a success. */
        JsonNode ok() {
            if (status != 200) {
                throw new AssertionError(status + ": " + body);
            }
            return body;
        }

        String code() {
            return body.path("error").path("code").asString("");
        }
    }

    /** Starts one and waits until it can be called. */
    static BrokerProcess start(Sandbox sandbox, Path data) throws Exception {
        FisoctlProcess process = sandbox.start("broker", "--data", data, "--port", 0, "--http-port", 0, "-o", "json");
        process.awaitText("\"ready\"", Sandbox.PATIENCE);
        Eventually.until(DEADLINE, () -> process.out().contains("\n"), process::toString);
        JsonNode ready = JsonMapper.shared().readTree(process.outLines().getFirst());
        JsonNode access = JsonMapper.shared()
                .readTree(Path.of(ready.path("accessFile").asString()).toFile());
        return new BrokerProcess(
                process, ready, access.path("callers").path(0).path("token").asString());
    }

    FisoctlProcess process() {
        return process;
    }

    JsonNode ready() {
        return ready;
    }

    /** kill -9. */
    void kill() throws Exception {
        process.close();
    }

    /** POSTs what these names and values make. */
    Answer post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        return call("POST", path, JsonMapper.shared().writeValueAsString(body));
    }

    Answer get(String path) throws IOException, InterruptedException {
        return call("GET", path, "");
    }

    Answer call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ready.path("httpPort").asInt() + path))
                .timeout(DEADLINE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), JsonMapper.shared().readTree(response.body()));
    }

    void create(String name) throws IOException, InterruptedException {
        post("/v1/resources", Map.of("resource", Map.of("name", name))).ok();
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(JsonNode base64) {
        return new String(Base64.getDecoder().decode(base64.asString()), StandardCharsets.UTF_8);
    }
}
