// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.sdk.ConfigException;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComponentSettingsTest {
    @Test
    void fillsInEveryDefault() {
        ComponentSettings settings = ComponentSettings.from(Map.of(), "orders");

        assertThat(settings.retry().policy()).isEqualTo(RetryPolicy.DEFAULT);
        assertThat(settings.retry().retryableStatusCodes()).containsExactly(429, 502, 503, 504);
        assertThat(settings.deadLetterTopic()).isEqualTo("fiso-dlq-orders");
        assertThat(settings.ordering()).isEqualTo("key");
        assertThat(settings.parallelism()).isEmpty();
        assertThat(settings.onFailure()).isEqualTo(OnFailure.DEAD_LETTER);
        assertThat(settings.breaker()).contains(new ComponentSettings.Breaker(0.5, 50, Duration.ofSeconds(30)));
        assertThat(settings.deduplicationWindow()).isZero();
        assertThat(settings.limits())
                .isEqualTo(new ComponentSettings.Limits(
                        4_096, 16 << 20, 1 << 20, 10_000, Duration.ofSeconds(30), Duration.ofSeconds(30)));
    }

    @Test
    void takesEveryValueThatDiffersFromItsDefault() {
        ComponentSettings settings = ComponentSettings.from(
                Map.of(
                        "errorHandling",
                        Map.of(
                                "maxAttempts", 7,
                                "backoff", "linear",
                                "initialInterval", "50ms",
                                "maxInterval", "2m",
                                "jitter", 0.5,
                                "retryableStatusCodes", List.of(500, 503),
                                "deadLetterTopic", "letters",
                                "onFailure", "skip",
                                "breaker", Map.of("errorRate", 0.25, "minEvents", 4, "window", "1m")),
                        "deduplicate",
                        Map.of("window", 77),
                        "outputs",
                        List.of(Map.of("edge", "a->b", "types", List.of("x.*"), "leadsTo", List.of("b", "c"))),
                        "ordering",
                        "none",
                        "parallelism",
                        3,
                        "limits",
                        Map.of(
                                "windowEvents", 8,
                                "windowBytes", 1024,
                                "maxEventBytes", 512,
                                "maxSpan", 9,
                                "callTimeout", "1s",
                                "drainTimeout", "2s")),
                "orders");

        assertThat(settings.retry())
                .isEqualTo(new ComponentSettings.Retry(
                        7,
                        RetryPolicy.Backoff.LINEAR,
                        Duration.ofMillis(50),
                        Duration.ofMinutes(2),
                        0.5,
                        List.of(500, 503)));
        assertThat(settings.deadLetterTopic()).isEqualTo("letters");
        assertThat(settings.ordering()).isEqualTo("none");
        assertThat(settings.parallelism()).contains(Parallelism.fixed(3));
        assertThat(settings.onFailure()).isEqualTo(OnFailure.SKIP);
        assertThat(settings.breaker()).contains(new ComponentSettings.Breaker(0.25, 4, Duration.ofMinutes(1)));
        assertThat(settings.deduplicationWindow()).isEqualTo(77);
        assertThat(settings.outputs())
                .containsExactly(new ComponentSettings.Output("a->b", List.of("x.*"), List.of("b", "c")));
        assertThat(settings.limits())
                .isEqualTo(new ComponentSettings.Limits(8, 1024, 512, 9, Duration.ofSeconds(1), Duration.ofSeconds(2)));
    }

    @Test
    void waitsAsTheBackoffSays() {
        assertThat(waitsMillis("constant")).containsExactly(100, 100, 100, 100, 100);
        assertThat(waitsMillis("linear")).containsExactly(100, 200, 300, 400, 450);
        assertThat(waitsMillis("exponential")).containsExactly(100, 200, 400, 450, 450);
    }

    private static List<Integer> waitsMillis(String backoff) {
        RetryPolicy policy = retry(
                        Map.of("backoff", backoff, "initialInterval", "100ms", "maxInterval", "450ms", "jitter", 0))
                .policy();
        return IntStream.rangeClosed(1, 5)
                .map(failed -> (int) (policy.delayNanos(failed, 0, new Random(1)) / 1_000_000))
                .boxed()
                .toList();
    }

    @Test
    void namesWhatABackoffMayBe() {
        assertThatThrownBy(() -> retry(Map.of("backoff", "fixed")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "errorHandling.backoff: found 'fixed', expected one of constant, linear, exponential");
    }

    @Test
    void letsTheListDecideAboutStatuses() {
        ComponentSettings.Retry retry = retry(Map.of("retryableStatusCodes", List.of(404, 500, 502)));

        assertThat(kind(retry, 404)).as("permanent by default, but listed").isEqualTo(Kind.TRANSIENT);
        assertThat(kind(retry, 500)).as("unknown by default, but listed").isEqualTo(Kind.TRANSIENT);
        assertThat(kind(retry, 502)).as("transient by default, and listed").isEqualTo(Kind.TRANSIENT);
        assertThat(kind(retry, 503)).as("transient by default, but not listed").isEqualTo(Kind.PERMANENT);
        assertThat(kind(retry, 422)).as("permanent by default").isEqualTo(Kind.PERMANENT);
        assertThat(kind(retry, 501)).as("unknown by default").isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void classifiesStatusesAsUsualWithoutAList() {
        ComponentSettings.Retry retry = retry(Map.of());

        assertThat(List.of(429, 502, 503, 504)).allMatch(status -> kind(retry, status) == Kind.TRANSIENT);
        assertThat(List.of(301, 400, 401, 403, 404, 422)).allMatch(status -> kind(retry, status) == Kind.PERMANENT);
        assertThat(List.of(409, 500, 501)).allMatch(status -> kind(retry, status) == Kind.UNKNOWN);
    }

    @Test
    void leavesFailuresThatAreNoStatusAsTheyAre() {
        DeliveryException failure = DeliveryException.transientFailure("TIMEOUT", "no answer");

        assertThat(retry(Map.of("retryableStatusCodes", List.of())).classify(failure))
                .isSameAs(failure);
    }

    @Test
    void keepsWhatElseAFailureSaysWhenItsKindChanges() {
        DeliveryException failure = DeliveryException.ofStatus(500, "it broke", Optional.of(Duration.ofSeconds(3)));

        DeliveryException other =
                retry(Map.of("retryableStatusCodes", List.of(500))).classify(failure);

        assertThat(other).hasMessage("it broke");
        assertThat(other.code()).isEqualTo("500");
        assertThat(other.retryAfter()).contains(Duration.ofSeconds(3));
    }

    private static Kind kind(ComponentSettings.Retry retry, int status) {
        return retry.classify(DeliveryException.ofStatus(status, "no", Optional.empty()))
                .kind();
    }

    @Test
    void neverGivesUpWhereOnlyDeliveryCommits() {
        assertThat(onFailure(Map.of("commitPolicy", "sink"))).isEqualTo(OnFailure.HOLD);
        assertThat(onFailure(Map.of("commitPolicy", "sink", "onFailure", "fail")))
                .isEqualTo(OnFailure.FAIL);
        assertThat(onFailure(Map.of("commitPolicy", "sink_or_dlq", "onFailure", "dead-letter")))
                .isEqualTo(OnFailure.DEAD_LETTER);
        assertThatThrownBy(() -> onFailure(Map.of("commitPolicy", "sink", "onFailure", "skip")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("errorHandling.onFailure: with commitPolicy 'sink'");
        assertThatThrownBy(() -> onFailure(Map.of("onFailure", "park")))
                .hasMessageContaining("expected one of dead-letter, hold, fail, skip");
    }

    private static OnFailure onFailure(Map<String, ?> errorHandling) {
        return ComponentSettings.from(Map.of("errorHandling", errorHandling), "orders")
                .onFailure();
    }

    @Test
    void takesWordsForParallelismAndTheBreaker() {
        ComponentSettings settings = ComponentSettings.from(
                Map.of("parallelism", "adaptive", "errorHandling", Map.of("breaker", "off")), "orders");
        assertThat(settings.parallelism()).contains(Parallelism.ADAPTIVE);
        assertThat(settings.breaker()).isEmpty();
    }

    private static ComponentSettings.Retry retry(Map<String, ?> errorHandling) {
        return ComponentSettings.from(Map.of("errorHandling", errorHandling), "orders")
                .retry();
    }

    @Test
    void readsTheSchemaOfTheData() {
        assertThat(ComponentSettings.from(Map.of(), "p").dataSchema()).isEmpty();
        assertThat(ComponentSettings.from(Map.of("validate", Map.of("jsonSchema", Map.of())), "p")
                        .dataSchema())
                .contains(Map.of());
        assertThatThrownBy(() -> ComponentSettings.from(Map.of("validate", Map.of("jsonSchema", "x")), "p"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("validate.jsonSchema: found 'x', expected an object");
    }
}
