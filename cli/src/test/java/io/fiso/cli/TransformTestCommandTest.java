// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformTestCommandTest {
    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void bringTheComponents() throws IOException {
        host = new RecordedHost(directory);
        Path components = directory.resolve("components");
        for (String name : List.of("generator-source", "cel-processor", "null-sink")) {
            Files.createDirectories(components.resolve(name));
            Files.copy(
                    Path.of("..", "components", name, "component.yaml"),
                    components.resolve(name).resolve("component.yaml"));
        }
    }

    @Test
    void printsTheDataOfTheFirstEventOrOfAll() throws IOException {
        String flow = flow("fields: {total: data.price * data.quantity}");
        String input = write("orders.jsonl", "{\"price\":1.5,\"quantity\":2}\n\n{\"price\":2,\"quantity\":2}\n");

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input))
                .isZero();
        assertThat(host.out()).isEqualTo("{\"total\":3}\n");
        assertThat(host.err()).contains("1 line left out; --all takes them");

        host = new RecordedHost(directory);
        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all"))
                .isZero();
        assertThat(host.out()).isEqualTo("{\"total\":3}\n{\"total\":4}\n");
    }

    @Test
    void holdsWhatGoesInAndOutAgainstTheSchemasThatAreThere() throws IOException {
        String flow = write("checked.yaml", """
                name: checked
                source: {type: generator-source}
                transform:
                  validate: {jsonSchema: {required: [n]}}
                  fields: {m: data.n * 2}
                sink:
                  type: null-sink
                  validate: {jsonSchema: {properties: {m: {maximum: 10}}}}
                """);
        String input = write("events.jsonl", "{\"n\":5}\n{\"n\":6}\n{\"k\":1}\n");

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all"))
                .isEqualTo(1);
        assertThat(host.out()).isEqualTo("{\"m\":10}\n");
        assertThat(host.err())
                .contains("event 2: sink: the data does not satisfy the schema: at \"/m\" maximum")
                .contains("event 3: transform: the data does not satisfy the schema: at \"\" required");
    }

    @Test
    void saysWhatIsFiltered() throws IOException {
        String flow = flow("where: data.n > 1, drop: data.n > 2");
        String input = write("events.jsonl", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all"))
                .isZero();
        assertThat(host.out()).isEqualTo("{\"n\":2}\n");
        assertThat(host.err())
                .contains("event 1: filtered")
                .contains("event 3: filtered")
                .doesNotContain("event 2");
        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all", "-o", "json"))
                .isZero();
        assertThat(host.out()).contains("\"filtered\" : 2");
    }

    @Test
    void showsWholeEventsWhereAttributesChangeOrEventsAreSplit() throws IOException {
        String flow = flow("emit: 'data.items', cloudevents: {type: '\"item\"', tenant: data.tenant, count: data.n}");
        int exit = host.run(
                "transform",
                "test",
                "--flow",
                flow,
                "--input",
                "{\"specversion\":\"1.0\",\"id\":\"o-1\",\"source\":\"/s\",\"type\":\"order\",\"data\":{\"tenant\":\"acme\",\"n\":2,\"items\":[1.50,{\"a\":2}]}}");
        assertThat(exit).isZero();
        assertThat(host.out().lines())
                .containsExactly(
                        "{\"specversion\":\"1.0\",\"id\":\"o-1/0\",\"source\":\"/s\",\"type\":\"item\",\"datacontenttype\":\"application/json\",\"count\":2,\"tenant\":\"acme\",\"data\":1.50}",
                        "{\"specversion\":\"1.0\",\"id\":\"o-1/1\",\"source\":\"/s\",\"type\":\"item\",\"datacontenttype\":\"application/json\",\"count\":2,\"tenant\":\"acme\",\"data\":{\"a\":2}}");
    }

    @Test
    void comparesWhatComesOutWithWhatIsExpected() throws IOException {
        String flow = flow("fields: {total: data.price * data.quantity, id: data.id}");
        String input = write(
                "orders.jsonl",
                "{\"price\":1.5,\"quantity\":2,\"id\":\"a\"}\n{\"price\":2,\"quantity\":2,\"id\":\"b\"}\n");
        String good = write("good.json", "[{\"id\": \"a\", \"total\": 3.0}, {\"id\": \"b\", \"total\": 4}]");
        String bad =
                write("bad.jsonl", "{\"id\": \"a\", \"total\": 3}\n{\"id\": \"b\", \"total\": 5, \"more\": true}\n");

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all", "--expect", good))
                .isZero();
        assertThat(host.err()).isEmpty();

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--all", "--expect", bad))
                .isEqualTo(1);
        assertThat(host.err())
                .contains("transform.unexpected")
                .contains("output 2: at /more: expected true, and it is not there")
                .contains("output 2: at /total: expected 5, found 4");

        assertThat(host.run("transform", "test", "--flow", flow, "--input", input, "--expect", good))
                .isEqualTo(1);
        assertThat(host.err()).contains("output 2: expected {\"id\":\"b\",\"total\":4}, and nothing came out");
    }

    @Test
    void planTellsWhatIsCompiledAndWhatIsNot() throws IOException {
        String flow = flow("fields: {a: data.a + 1, b: 'regex.extract(data.b, \"x\").orValue(\"\")'}");

        assertThat(host.run("plan", flow)).isZero();
        assertThat(host.out())
                .contains("expressions: 1 compiled, 1 interpreted, which is slower")
                .containsPattern("    b: .* is not compiled");

        assertThat(host.run("plan", flow, "-o", "json")).isZero();
        assertThat(host.out()).contains("\"compiled\" : 1").contains("\"label\" : \"b\"");
    }

    private String flow(String transform) throws IOException {
        return write(
                "flow.yaml",
                "name: orders\nsource: {type: generator, config: {count: 1}}\ntransform: {" + transform
                        + "}\nsink: {type: \"null\"}\n");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }
}
