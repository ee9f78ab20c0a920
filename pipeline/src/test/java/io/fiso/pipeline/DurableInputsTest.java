// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedPipeline.DurableEdge;
import io.fiso.pipeline.ResolvedPipeline.Edge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code mode: durable} of an input becomes. */
class DurableInputsTest {
    private static final String ORDERS =
            Documented.ORDERS.replace("from: normalize", "from: normalize\n          mode: durable");
    private static final DurableEdge EDGE = new DurableEdge(
            "normalize",
            "callback",
            List.of("order.create.*"),
            "default/orders/streams/normalize.callback",
            "normalize.callback.in",
            "normalize.callback.out");

    private Compilation compile(String text, PipelineCompiler.Options options) {
        return PipelineCompiler.compile(
                SourceText.of("orders.yaml", text), Documented.CATALOG, Environment.of(Map.of()), options);
    }

    private ResolvedPipeline resolved(String text) {
        var compilation = compile(text, PipelineCompiler.Options.DEFAULT);
        assertThat(compilation.problems()).extracting(Problem::render).isEmpty();
        return compilation.pipeline().orElseThrow();
    }

    private List<String> errors(String text, PipelineCompiler.Options options) {
        return compile(text, options).errors().stream().map(Problem::render).toList();
    }

    @Test
    void becomesASinkAndASourceWithAStreamBetweenThem() {
        var pipeline = resolved(ORDERS);

        assertThat(pipeline.durableEdges()).containsExactly(EDGE);
        assertThat(pipeline.components())
                .extracting(ResolvedComponent::id)
                .containsExactly("orders", "normalize", "normalize.callback.in", "normalize.callback.out", "callback");
        assertThat(pipeline.edges())
                .containsExactlyInAnyOrder(
                        new Edge("orders->normalize", "orders", "normalize", List.of()),
                        new Edge(
                                "normalize->normalize.callback.in",
                                "normalize",
                                "normalize.callback.in",
                                List.of("order.create.*")),
                        new Edge("normalize.callback.out->callback", "normalize.callback.out", "callback", List.of()));
        assertThat(pipeline.component("normalize.callback.in").kind()).isEqualTo(Kind.SINK);
        assertThat(pipeline.component("normalize.callback.in").type()).contains("stream-sink");
        assertThat(pipeline.component("normalize.callback.out").kind()).isEqualTo(Kind.SOURCE);
        assertThat(pipeline.component("normalize.callback.out").type()).contains("stream-source");
    }

    @Test
    void bothEndsNameTheSameStreamAndTakeThePolicyOfThePipeline() {
        var pipeline = resolved(ORDERS);
        var sink = JsonView.MAPPER.readTree(pipeline.component(EDGE.sink()).runtimeConfig());
        var source = JsonView.MAPPER.readTree(pipeline.component(EDGE.source()).runtimeConfig());

        assertThat(sink.at("/config/stream").asString()).isEqualTo(EDGE.stream());
        assertThat(source.at("/config/stream").asString()).isEqualTo(EDGE.stream());
        for (var end : List.of(sink, source)) {
            assertThat(end.at("/config/partitions").asInt()).isEqualTo(6);
            assertThat(end.at("/config/untilConsumed").asBoolean()).isTrue();
        }
        assertThat(source.at("/config/startOffset").asString()).isEqualTo("earliest");
        assertThat(source.at("/errorHandling/deadLetterTopic").asString()).isEqualTo("fiso-dlq-orders");
        assertThat(sink.at("/errorHandling/maxAttempts").asInt()).isEqualTo(6);
    }

    @Test
    void mixesWithDirectInputsOfTheSameComponent() {
        var pipeline = resolved(ORDERS.replace("- from: normalize", "- orders\n        - from: normalize"));

        assertThat(pipeline.edges())
                .extracting(Edge::name)
                .containsExactlyInAnyOrder(
                        "orders->normalize",
                        "orders->callback",
                        "normalize->normalize.callback.in",
                        "normalize.callback.out->callback");
        assertThat(pipeline.durableEdges()).containsExactly(EDGE);
    }

    @Test
    void oneComponentMayHaveSeveral() {
        var pipeline = resolved(
                ORDERS.replace("- from: normalize", "- {from: orders, mode: durable}\n        - from: normalize"));

        assertThat(pipeline.durableEdges())
                .extracting(DurableEdge::source)
                .containsExactly("orders.callback.out", "normalize.callback.out");
        assertThat(pipeline.components()).extracting(ResolvedComponent::id).doesNotHaveDuplicates();
    }

    @Test
    void directIsTheDefaultAndCanBeSaid() {
        assertThat(resolved(ORDERS.replace("mode: durable", "mode: direct")).edges())
                .isEqualTo(resolved(Documented.ORDERS).edges());
    }

    @Test
    void whatIsMeantIsGuessed() {
        assertThat(errors(ORDERS.replace("mode: durable", "mode: durabel"), PipelineCompiler.Options.DEFAULT))
                .singleElement()
                .asString()
                .contains("\"mode\" must be one of direct, durable; found \"durabel\"", "did you mean \"durable\"");
    }

    @Test
    void thereIsNoneWhereComponentsRunOnSeveralMachines() {
        var text = ORDERS.replace("localhost:", "broker:").replace("http://localhost", "http://shop");
        for (var driver : List.of("docker", "kubernetes")) {
            assertThat(errors(text, new PipelineCompiler.Options(Optional.of(driver))))
                    .singleElement()
                    .asString()
                    .contains(
                            "pipeline.driver_cannot",
                            "which serves one machine",
                            "use the process driver",
                            "mode: durable");
        }
    }

    @Test
    void theStreamsNameMustFitTheBroker() {
        var id = "n".repeat(60);
        var other = "c".repeat(31);
        var text = ORDERS.replace("id: normalize", "id: " + id)
                .replace("from: normalize", "from: " + id)
                .replace("id: callback", "id: " + other);

        assertThat(errors(text, PipelineCompiler.Options.DEFAULT))
                .singleElement()
                .asString()
                .contains("pipeline.durable_name_too_long", "91 characters together");
    }

    @Test
    void noIdOfTheUsersCanBeOneOfIts() {
        assertThat(errors(ORDERS.replace("id: orders", "id: normalize.callback.in"), PipelineCompiler.Options.DEFAULT))
                .anySatisfy(error -> assertThat(error).contains("\"id\" cannot be \"normalize.callback.in\""));
    }

    @Test
    void aTestWithoutABrokerTakesItAsADirectOne() {
        var compilation = compile(ORDERS, new PipelineCompiler.Options(Optional.empty(), true));

        assertThat(compilation.pipeline().orElseThrow().edges())
                .isEqualTo(resolved(Documented.ORDERS).edges());
    }

    @Test
    void thePlanShowsOneEdge() {
        var pipeline = resolved(ORDERS);

        assertThat(PlanView.text(pipeline, List.of()))
                .contains(
                        "  orders -> normalize\n",
                        "  normalize -> callback  (order.create.*)  durable, in the stream default/orders/streams/normalize.callback\n",
                        "normalize.callback.in  (sink, stream-sink, of the durable edge normalize -> callback)\n")
                .doesNotContain("callback.out -> callback");
        assertThat(JsonView.MAPPER
                        .readTree(PlanView.json(pipeline, List.of()))
                        .at("/durableEdges/0/stream")
                        .asString())
                .isEqualTo(EDGE.stream());
    }
}
