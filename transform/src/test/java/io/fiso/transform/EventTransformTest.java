// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventTransformTest {
    @Test
    void filtersBeforeItEvaluatesAnythingElse() throws Exception {
        var transform = compile(Map.of("where", "has(data.n)", "fields", Map.of("n", "data.n + 1")));
        assertThat(transform.apply(TransformTest.event("{}"))).isEmpty();
        assertThat(data(transform, "{\"n\":1}")).containsExactly("{\"n\":2}");
    }

    @Test
    void dropDiscardsWhatWhereWouldKeep() throws Exception {
        var transform = compile(Map.of("where", "data.n > 0", "drop", "data.n > 2"));
        assertThat(transform.apply(TransformTest.event("{\"n\":1}"))).hasSize(1);
        assertThat(transform.apply(TransformTest.event("{\"n\":3}"))).isEmpty();
        assertThat(transform.apply(TransformTest.event("{\"n\":0}"))).isEmpty();
    }

    @Test
    void leavesAPayloadAloneThatNoExpressionLooksAt() throws Exception {
        var transform = compile(Map.of("where", "type == 'order.create'", "cloudevents", Map.of("tenant", "'acme'")));
        var output = transform.apply(TransformTest.event("no json")).getFirst();
        assertThat(output.data()).isNull();
        assertThat(output.attributes()).isEqualTo(Map.of("tenant", "acme"));
    }

    @Test
    void needsJsonToMakeOtherData() throws Exception {
        var transform = compile(Map.of("fields", Map.of("id", "id")));
        assertThatThrownBy(() -> transform.apply(TransformTest.event("no json")))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("not JSON");
    }

    @Test
    void everyElementBecomesAnEvent() throws Exception {
        var transform = compile(Map.of("emit", "data.items", "cloudevents", Map.of("subject", "data.name")));
        var outputs = transform.apply(TransformTest.event("{\"name\":\"x\",\"items\":[1.50,{\"a\": [ ]},null,\"s\"]}"));
        assertThat(outputs)
                .extracting(output -> new String(output.data(), UTF_8))
                .containsExactly("1.50", "{\"a\":[]}", "null", "\"s\"");
        assertThat(outputs)
                .extracting(output -> output.attributes().get("id"))
                .containsExactly("e-1/0", "e-1/1", "e-1/2", "e-1/3");
        assertThat(outputs)
                .extracting(output -> output.attributes().get("subject"))
                .containsOnly("x");
        assertThat(outputs)
                .extracting(output -> output.attributes().get("datacontenttype"))
                .containsOnly("application/json");
    }

    @Test
    void childrenOfAnEventWithAnotherIdHaveThatOneBeforeTheirIndex() throws Exception {
        var transform = compile(Map.of("emit", "data", "cloudevents", Map.of("id", "'other'")));
        assertThat(transform
                        .apply(TransformTest.event("[1]"))
                        .getFirst()
                        .attributes()
                        .get("id"))
                .isEqualTo("other/0");
    }

    @Test
    void whatIsNoListCannotBeSplit() throws Exception {
        var transform = compile(Map.of("emit", "data.items"));
        assertThatThrownBy(() -> transform.apply(TransformTest.event("{\"items\":{}}")))
                .isInstanceOf(TransformException.class)
                .hasMessage("emit: the expression must be a list");
    }

    @Test
    void theContentTypeCanBeSaidOtherwise() throws Exception {
        var overrides = new LinkedHashMap<String, String>();
        overrides.put("data", "data.inner");
        overrides.put("datacontenttype", "'application/vnd.order+json; v=2'");
        var output = compile(Map.of("cloudevents", overrides))
                .apply(TransformTest.event("{\"inner\":1.10}"))
                .getFirst();
        assertThat(output.data()).asString().isEqualTo("1.10");
        assertThat(output.attributes()).containsEntry("datacontenttype", "application/vnd.order+json; v=2");
    }

    @Test
    void reportsTheMistakesOfAllItsExpressionsAtOnce() {
        assertThatThrownBy(() -> compile(Map.of(
                        "fields",
                        Map.of("a", "x"),
                        "where",
                        "'yes'",
                        "drop",
                        "y(1)",
                        "cloudevents",
                        Map.of("type", "order.created", "id", "string(now())"))))
                .isInstanceOfSatisfying(
                        InvalidExpressionException.class,
                        e -> assertThat(e.problems())
                                .extracting(problem -> problem.field() + " " + problem.code())
                                .containsExactlyInAnyOrder(
                                        "a cel.undeclared_reference",
                                        "where cel.type",
                                        "drop cel.undeclared_reference",
                                        "cloudevents.type cel.unquoted_text",
                                        "cloudevents.id cel.changing_identity"));
    }

    private static EventTransform compile(Map<String, ?> config) throws InvalidExpressionException {
        return EventTransform.compile(EventRules.of(config), Limits.DEFAULT, InstantSource.system(), null);
    }

    private static List<String> data(EventTransform transform, String json) throws TransformException {
        return transform.apply(TransformTest.event(json)).stream()
                .map(output -> new String(output.data(), UTF_8))
                .toList();
    }
}
