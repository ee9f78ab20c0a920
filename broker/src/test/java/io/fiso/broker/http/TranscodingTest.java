// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.ServedBroker;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(300)
class TranscodingTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String NAME = "default/shop/streams/orders";

    @TempDir
    static Path directory;

    private static ServedBroker broker;

    @BeforeAll
    static void serve() {
        broker = new ServedBroker(directory);
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    @Test
    void aResourceIsMadeShownListedAndRemoved() throws Exception {
        String name = "default/life/streams/events";
        HttpResponse<String> made = broker.post(
                "/v1/resources",
                "{\"resource\": {\"name\": \"" + name
                        + "\", \"durability\": \"DURABILITY_OS\", \"stream\": {\"partitions\": 3, \"retention\": {\"ageMax\": \"3600s\"}}}}");
        assertThat(made.statusCode()).isEqualTo(200);
        assertThat(made.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json(made).at("/resource/stream/partitions").asInt()).isEqualTo(3);
        assertThat(json(broker.get("/v1/resources/" + name)).at("/resource"))
                .isEqualTo(json(made).at("/resource"));
        assertThat(json(broker.get("/v1/resources?parent=default/life"))
                        .at("/resources/0/name")
                        .asString())
                .isEqualTo(name);
        assertThat(broker.send(broker.request("/v1/resources/" + name).DELETE()).statusCode())
                .isEqualTo(200);
        assertError(broker.get("/v1/resources/" + name), 404, "broker.resource_not_found", "NOT_FOUND");
    }

    @Test
    void theQueryFillsFieldsOfEveryKind() throws Exception {
        JsonNode echo = json(broker.get("/v1/probe/" + NAME
                        + "?number=-7&tags=a&tags=b%26&color=COLOR_RED&payload=_-8&at=2026-01-02T03:04:05Z"
                        + "&wait=1.5s&inner.text=x+y&inner.big_number=9007199254740993&flag=true&rate=0.25"))
                .at("/echo");
        assertThat(echo.at("/name").asString()).isEqualTo(NAME);
        assertThat(echo.at("/number").asInt()).isEqualTo(-7);
        assertThat(echo.at("/tags").toString()).isEqualTo("[\"a\",\"b&\"]");
        assertThat(echo.at("/color").asString()).isEqualTo("COLOR_RED");
        assertThat(echo.at("/payload").asString()).isEqualTo("/+8=");
        assertThat(echo.at("/at").asString()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(echo.at("/wait").asString()).isEqualTo("1.500s");
        assertThat(echo.at("/inner/text").asString()).isEqualTo("x y");
        assertThat(echo.at("/inner/bigNumber").asString()).isEqualTo("9007199254740993");
        assertThat(echo.at("/flag").asBoolean()).isTrue();
        assertThat(echo.at("/rate").asDouble()).isEqualTo(0.25);
    }

    @Test
    void enumsGoByNumberTooAndAdditionalBindingsLeadToTheSameMethod() throws Exception {
        JsonNode echo = json(broker.get("/v1/also/" + NAME + "/12?color=1")).at("/echo");
        assertThat(echo.at("/number").asInt()).isEqualTo(12);
        assertThat(echo.at("/color").asString()).isEqualTo("COLOR_RED");
    }

    @Test
    void aBodyIsTheWholeRequestOrAFieldOfIt() throws Exception {
        JsonNode whole = json(broker.post(
                        "/v1/probe/" + NAME + ":append",
                        "{\"number\": 5, \"anything\": {\"x\": [1, null]}, \"below\": [{\"flag\": true}]}"))
                .at("/echo");
        assertThat(whole.at("/name").asString()).isEqualTo(NAME);
        assertThat(whole.at("/anything/x/0").asInt()).isEqualTo(1);
        assertThat(whole.at("/below/0/flag").asBoolean()).isTrue();

        JsonNode field = json(broker.send(broker.request("/v1/probe/" + NAME + "/inner?number=4")
                .header("Content-Type", "application/json; charset=UTF-8")
                .method("PATCH", BodyPublishers.ofString("{\"text\": \"t\"}"))));
        assertThat(field.at("/inner/text").asString()).isEqualTo("t");
        assertThat(field.at("/number").asInt()).isEqualTo(4);
    }

    @Test
    void theSameNameInPathAndBodyIsTakenAndAnotherIsNot() throws Exception {
        assertThat(broker.post("/v1/probe/" + NAME + ":append", "{\"name\": \"" + NAME + "\"}")
                        .statusCode())
                .isEqualTo(200);
        assertError(
                broker.post("/v1/probe/" + NAME + ":append", "{\"name\": \"default/shop/streams/other\"}"),
                400,
                "broker.body_invalid",
                "INVALID_ARGUMENT");
    }

    @Test
    void theRestOfAPathKeepsItsSlashes() throws Exception {
        assertThat(json(broker.get("/v1/files/" + NAME + "/a/b%20c/d"))
                        .at("/echo/path")
                        .asString())
                .isEqualTo("a/b c/d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                        | 400 | broker.body_malformed | line 1, column",
                "{\"tags\": [\"a\", \"b\"            | 400 | broker.body_malformed | close marker for Array, at line 1, column",
                "{'number': 1}                            | 400 | broker.body_malformed | line 1, column 2",
                "{number: 1}                              | 400 | broker.body_malformed | line 1, column 2",
                "{\"number\": 1,}                       | 400 | broker.body_malformed | line 1, column",
                "{\"number\": 1} x                      | 400 | broker.body_malformed | line 1, column",
                "{\"number\": 1}{}                      | 400 | broker.body_malformed | line 1, column 14",
                "{\"number\": 1, \"number\": 2}       | 400 | broker.body_malformed | number",
                "{/* */\"number\": 1}                   | 400 | broker.body_malformed | line 1",
                "{\"rate\": NaN}                        | 400 | broker.body_malformed | NaN",
                "[]                                       | 400 | broker.body_invalid   | the body has to be an object",
                "null                                     | 400 | broker.body_invalid   | the body has to be an object",
                "{\"numbr\": 1}                         | 400 | broker.field_unknown  | did you mean \"number\"?",
                "{\"inner\": {\"txt\": 1}}            | 400 | broker.field_unknown  | inner has no field \"txt\", at line 1, column 12; did you mean \"text\"?",
                "{\"below\": [{}, {\"zzzzz\": 1}]}    | 400 | broker.field_unknown  | below[1] has no field \"zzzzz\"",
                "{\"number\": \"x\"}                  | 400 | broker.body_invalid   | int32",
                "{\"number\": 3000000000}               | 400 | broker.body_invalid   | int32",
                "{\"number\": {}}                       | 400 | broker.body_invalid   | number is no object and no list",
                "{\"tags\": \"a\"}                    | 400 | broker.body_invalid   | tags has to be a list",
                "{\"inner\": \"a\"}                   | 400 | broker.body_invalid   | inner has to be an object",
                "{\"color\": \"COLOR_BLUE\"}          | 400 | broker.body_invalid   | COLOR_BLUE",
                "{\"payload\": \"!!\"}                | 400 | broker.body_invalid   | EchoX",
                "{\"at\": \"yesterday\"}              | 400 | broker.body_invalid   | yesterday",
                "{\"big\\u0000\": 1}                  | 400 | broker.field_unknown  | big\\u0000",
                "{\"<script>\": 1}                      | 400 | broker.field_unknown  | the body has no field"
            })
    void aBodyThatIsWrongIsRefusedWithWhereAndWhat(String body, int status, String code, String part) throws Exception {
        HttpResponse<String> answer = broker.post("/v1/probe/" + NAME + ":append", body);
        JsonNode error = assertError(answer, status, code, "INVALID_ARGUMENT");
        assertThat(error.at("/message").asString()).contains(part.equals("EchoX") ? "Echo" : part);
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void whatIsNoUtf8OrTooDeepIsRefused() throws Exception {
        HttpResponse<String> bytes = broker.send(broker.request("/v1/probe/" + NAME + ":append")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'})));
        assertError(bytes, 400, "broker.body_malformed", "INVALID_ARGUMENT");
        String deep = "{\"below\":[".repeat(5_000) + "]}".repeat(5_000);
        assertError(
                broker.post("/v1/probe/" + NAME + ":append", deep), 400, "broker.body_malformed", "INVALID_ARGUMENT");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET    | /nothing                                  | 404 | broker.path_unknown       | NOT_FOUND",
                "GET    | /v1                                       | 404 | broker.path_unknown       | NOT_FOUND",
                "GET    | /v1/resources/a/b/streams                 | 404 | broker.path_unknown       | NOT_FOUND",
                "GET    | /v1/resources/a/b/topics/c                | 400 | broker.kind_unknown       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b/streams/c%2fd           | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b/streams/..              | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b/streams/%252e%252e      | 400 | broker.name_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b//streams/c              | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b/streams/c%00            | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/a/b/streams/%c0%ae          | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "GET    | /v1/resources/                            | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "PUT    | /v1/resources                             | 405 | broker.method_not_allowed | UNIMPLEMENTED",
                "OPTIONS| /v1/resources                             | 405 | broker.method_not_allowed | UNIMPLEMENTED",
                "DELETE | /health                                   | 405 | broker.method_not_allowed | UNIMPLEMENTED",
                "GET    | /v1/probe/default/shop/streams/x?nmber=1  | 400 | broker.field_unknown      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?number=  | 400 | broker.query_invalid      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?number=z | 400 | broker.query_invalid      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?number=1&number=2 | 400 | broker.query_invalid | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?name=a/b/streams/c | 400 | broker.query_invalid | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?inner=1  | 400 | broker.field_unknown      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?flag=yes | 400 | broker.query_invalid      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?at=now   | 400 | broker.query_invalid      | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?number=%c0%af | 400 | broker.query_invalid | INVALID_ARGUMENT",
                "GET    | /v1/probe/default/shop/streams/x?inner.big_number=1&inner.bigNumber=1 | 400 | broker.query_invalid | INVALID_ARGUMENT",
                "GET    | /v1/also/default/shop/streams/x/nine      | 400 | broker.path_invalid       | INVALID_ARGUMENT",
                "POST   | /v1/probe/default/shop/streams/x:append?number=1 | 400 | broker.query_invalid | INVALID_ARGUMENT"
            })
    void aTargetThatIsWrongIsRefused(String method, String target, int status, String code, String grpc)
            throws Exception {
        String answer = broker.raw((method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Authorization: Bearer " + ServedBroker.OWNER + "\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        JsonNode error =
                JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n"))).at("/error");
        assertThat(error.at("/code").asString()).as(answer).isEqualTo(code);
        assertThat(error.at("/status").asString()).isEqualTo(grpc);
        if (status == 405) {
            assertThat(answer).containsIgnoringCase("Allow: " + (target.equals("/health") ? "GET" : "GET, POST"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET //v1/resources HTTP/1.1\\r\\nHost: localhost                    | 400",
                "GET http://evil.example/v1/resources HTTP/1.1\\r\\nHost: localhost  | 400",
                "GET /v1/resources#x HTTP/1.1\\r\\nHost: localhost                   | 400",
                "GET /v1/resources HTTP/1.1\\r\\nHost: evil.example                  | 421",
                "GET /v1/resources HTTP/1.1\\r\\nHost: localhost.evil.example        | 421",
                "GET /v1/resources HTTP/1.1\\r\\nHost: localhost\\r\\nHost: evil | 421",
                "GET /v1/resources HTTP/1.1\\r\\nX: y                                | 421",
                "GET /health HTTP/1.1\\r\\nHost: evil.example                        | 421",
                "GET /v1/resources HTTP/1.1\\r\\nHost: [::1]:80                      | 200",
                "GET /v1/resources HTTP/1.1\\r\\nHost: LOCALHOST:1                   | 200",
                "GET /a^b HTTP/1.1\\r\\nHost: localhost                              | 400",
                "GET /v1/resources?a=%zz HTTP/1.1\\r\\nHost: localhost                | 400",
                "nonsense                                                                | 400"
            })
    void aRequestThatIsForSomewhereElseIsRefused(String head, String status) throws Exception {
        String text = head.strip().replace("\\r\\n", "\r\n");
        String answer =
                broker.raw((text + "\r\nConnection: close\r\nAuthorization: Bearer " + ServedBroker.OWNER + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer).startsWith("HTTP/1.1 " + status.strip() + " ").doesNotContain("Exception:", "at io.");
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, 415",
        "application/x-www-form-urlencoded, 415",
        "application/json; charset=latin1, 415",
        "application/jsonx, 415",
        "Application/JSON; charset=\"utf-8\", 200"
    })
    void theTypeOfABodyIsJson(String type, int status) throws Exception {
        HttpResponse<String> answer = broker.send(broker.request("/v1/probe/" + NAME + ":append")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString("{}")));
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void aPayloadOfFourMebibytesFitsAndABodyHasABound() throws Exception {
        byte[] payload = new byte[BrokerSettings.PAYLOAD_MAX_BYTES];
        String encoded = Base64.getEncoder().encodeToString(payload);
        HttpResponse<String> fits = broker.post("/v1/probe/" + NAME + ":append", "{\"payload\": \"" + encoded + "\"}");
        assertThat(fits.statusCode()).isEqualTo(200);
        assertThat(json(fits).at("/echo/payload").asString()).isEqualTo(encoded);

        String larger = "{\"payload\": \"" + encoded + encoded.substring(0, encoded.length() / 4 * 2) + "\"}";
        assertError(
                broker.post("/v1/probe/" + NAME + ":append", larger),
                413,
                "broker.body_too_large",
                "RESOURCE_EXHAUSTED");
        assertError(
                broker.send(broker.request("/v1/probe/" + NAME + ":append")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(larger.getBytes(StandardCharsets.UTF_8))))),
                413,
                "broker.body_too_large",
                "RESOURCE_EXHAUSTED");
        // A body within the bound of bodies, whose message is over the bound of messages.
        String dense = "{\"path\": \"" + "x".repeat(BrokerSettings.MESSAGE_MAX_BYTES) + "\"}";
        assertError(
                broker.post("/v1/probe/" + NAME + ":append", dense),
                413,
                "broker.body_too_large",
                "RESOURCE_EXHAUSTED");
    }

    @Test
    void manyRequestsAtOnceGetTheirOwnAnswers() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> answers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                int number = i;
                answers.add(callers.submit(() -> json(broker.get("/v1/probe/" + NAME + "?number=" + number))));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get().at("/echo/number").asInt()).isEqualTo(i);
            }
        }
    }

    @Test
    void healthAsksForNoToken() throws Exception {
        for (String path : List.of("/health", "/healthz")) {
            String answer = broker.raw(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("ok\n");
        }
    }

    private static JsonNode assertError(HttpResponse<String> answer, int status, String code, String grpc) {
        JsonNode error = json(answer).at("/error");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(error.at("/code").asString()).as(answer.body()).isEqualTo(code);
        assertThat(error.at("/status").asString()).isEqualTo(grpc);
        assertThat(error.propertyNames()).containsExactlyInAnyOrder("code", "status", "message");
        return error;
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }
}
