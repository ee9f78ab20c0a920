// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fiso.broker.server.ProbeService;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.grpc.ServerServiceDefinition;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final JsonNode DOCUMENT = JSON.readTree(OpenApi.document(services()));

    private static List<ServerServiceDefinition> services() {
        return List.of(new ResourcesGrpc.ResourcesImplBase() {}.bindService(), new ProbeService().bindService());
    }

    @Test
    void holdsAgainstTheSchemaOfOpenApiDocuments() throws Exception {
        Schema schema;
        try (InputStream stored =
                OpenApiTest.class.getResourceAsStream("/spec.openapis.org/oas/3.1/schema/2022-10-07")) {
            schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(JSON.readTree(stored));
        }
        assertThat(schema.validate(DOCUMENT)).isEmpty();
        // And the schema does see something.
        assertThat(schema.validate(JSON.readTree("{\"openapi\": \"3.1.0\", \"paths\": {\"x\": {}}}")))
                .isNotEmpty();
    }

    @Test
    void hasWhatHttpServesAndNothingElse() {
        assertThat(DOCUMENT.at("/paths").propertyNames())
                .containsExactlyInAnyOrder(
                        "/v1/resources",
                        "/v1/resources/{tenant}/{namespace}/{kind}/{name}",
                        "/v1/probe/{tenant}/{namespace}/{kind}/{name}",
                        "/v1/probe/{tenant}/{namespace}/{kind}/{name}/inner",
                        "/v1/probe/{tenant}/{namespace}/{kind}/{name}:append",
                        "/v1/probe/{tenant}/{namespace}/{kind}/{name}:watch",
                        "/v1/also/{tenant}/{namespace}/{kind}/{name}/{number}",
                        "/v1/files/{tenant}/{namespace}/streams/{name}/{path}");
        assertThat(DOCUMENT.toString()).doesNotContain("Chat");
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryOperationHasItsOwnName() {
        Set<String> names = new HashSet<>();
        DOCUMENT.at("/paths")
                .forEach(path -> path.forEach(operation -> assertThat(
                                names.add(operation.at("/operationId").asString()))
                        .isTrue()));
        List<JsonNode> references = DOCUMENT.findValues("$ref");
        assertThat(references).isNotEmpty();
        references.forEach(reference -> assertThat(
                        DOCUMENT.at(reference.asString().substring(1)).isMissingNode())
                .as(reference.asString())
                .isFalse());
    }

    @Test
    void saysWhatTheContractsSay() {
        JsonNode made = DOCUMENT.at("/paths/~1v1~1resources/post");
        assertThat(made.at("/description").asString()).startsWith("Makes a resource.");
        assertThat(made.at("/requestBody/content/application~1json/schema/$ref").asString())
                .isEqualTo("#/components/schemas/fiso.broker.v1.CreateResourceRequest");
        JsonNode resource = DOCUMENT.at("/components/schemas/fiso.broker.v1.Resource");
        assertThat(resource.at("/properties/createTime/format").asString()).isEqualTo("date-time");
        assertThat(resource.at("/properties/name/description").asString()).contains("tenant/namespace/kind/name");
        assertThat(DOCUMENT.at("/components/schemas/fiso.broker.v1.Durability/description")
                        .asString())
                .contains("DURABILITY_OS: When the operating system has it");
        JsonNode watch = DOCUMENT.at(
                "/paths/~1v1~1probe~1{tenant}~1{namespace}~1{kind}~1{name}:watch/get/responses/200/content");
        assertThat(watch.propertyNames()).containsExactly("application/x-ndjson");
        assertThat(DOCUMENT.at("/components/securitySchemes/token/scheme").asString())
                .isEqualTo("bearer");
    }

    @Test
    void queriesAreListedDownToTheirLeavesAndWithoutWhatThePathHas() {
        List<String> names = DOCUMENT.at("/paths/~1v1~1probe~1{tenant}~1{namespace}~1{kind}~1{name}/get/parameters")
                .findValuesAsString("name");
        assertThat(names)
                .containsExactly(
                        "tenant",
                        "namespace",
                        "kind",
                        "name",
                        "number",
                        "tags",
                        "color",
                        "payload",
                        "at",
                        "wait",
                        "inner.text",
                        "inner.bigNumber",
                        "flag",
                        "path",
                        "rate");
    }
}
