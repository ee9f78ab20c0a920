// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fiso.driver.Instance;
import io.fiso.driver.Status;
import io.fiso.driver.Troubled;
import io.fiso.driver.Troubled.Trouble;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedComponent.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The driver with pods that really run, in the cluster that FISO_TEST_CLUSTER names by a kubeconfig: one with controllers and at least one node, whatever it is. Pods run a shell from the
 * image FISO_TEST_IMAGE (busybox, or what is like it), which must be there or within reach of the nodes. In namespaces of its own, fiso-test-….
 */
@Timeout(600)
class RealClusterTest {
    private static final String CLUSTER = "FISO_TEST_CLUSTER";
    private static final Duration GRACE = Duration.ofSeconds(60);
    /** Answers the probes. */
    private static final String HEALTHY = "echo ok >/tmp/health; httpd -p 9090 -h /tmp; ";

    private static final String DRAINS =
            HEALTHY + "trap 'echo drained; sleep 1; exit 0' TERM; echo ready; while :; do sleep 0.1; done";

    private KubernetesClient client;
    private String namespace;
    private KubernetesDriver driver;

    @BeforeEach
    void begin() {
        client = TestUser.administrator(CLUSTER);
        namespace = "fiso-test-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        TestUser.permit(client, namespace);
        driver = new KubernetesDriver(TestUser.client(CLUSTER), namespace);
    }

    @AfterEach
    void end() {
        if (driver != null) {
            driver.close();
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    @Test
    void drainsAComponentAndTellsHowItEnded() throws Exception {
        Instance instance = start(component("c", DRAINS, 1));
        awaitLine(instance, "ready");
        awaitReady("c");

        Status.Ended end = instance.stop(GRACE);

        assertThat(end).isEqualTo(Status.Ended.exit(0));
        assertThat(pods("c")).isEmpty();
        assertThat(driver.recover(instance.handle())).isEmpty();
    }

    @Test
    void killsWhatIgnoresTheRequest() throws Exception {
        Instance instance = start(component("c", "trap '' TERM; echo ready; while :; do sleep 0.1; done", 1));
        awaitLine(instance, "ready");

        assertThat(instance.stop(Duration.ofSeconds(2))).isEqualTo(Status.Ended.signal(9));
        assertThat(pods("c")).isEmpty();
    }

    @Test
    void goesOnThroughCrashesAndTellsOfThem() throws Exception {
        Troubled instance = start(component("c", "echo no such topic >&2; exit 3", 1));

        Trouble trouble = awaitTrouble(instance, "driver.crashed");

        assertThat(trouble.message()).contains("exited with code 3").contains("no such topic");
        awaitLine(instance, "no such topic");
        assertThat(instance.inspect()).isEqualTo(new Status.Running());
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.exit(3));
        assertThat(instance.lastErrorLines(5)).contains("no such topic");
    }

    @Test
    void tellsOfAnEndForWantOfMemory() throws Exception {
        Troubled instance = start(limited(component("c", "tail /dev/zero", 1), Optional.empty(), Optional.of("32Mi")));

        assertThat(awaitTrouble(instance, "driver.oom_killed").message()).contains("limit of 32Mi");
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.signal(9).outOfMemory("32Mi"));
    }

    @Test
    void tellsOfAnImageThatCannotBePulled() throws Exception {
        Troubled instance = start(Pipelines.image("c", "127.0.0.1:1/nobody/none:1", 1));

        Trouble trouble = awaitTrouble(instance, "driver.image_pull");

        assertThat(trouble.message()).contains("127.0.0.1:1/nobody/none:1").contains("refused");
        assertThat(instance.lastErrorLines(5)).singleElement().asString().contains("cannot pull the image");
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.UNKNOWN);
    }

    @Test
    void tellsOfAPodThatFindsNoNode() throws Exception {
        Troubled instance = start(limited(component("c", DRAINS, 1), Optional.of("1000"), Optional.empty()));

        assertThat(awaitTrouble(instance, "driver.unschedulable").message()).contains("Insufficient cpu");
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.UNKNOWN);
    }

    @Test
    void tellsOfAPodThatAQuotaForbids() throws Exception {
        client.resource(new io.fabric8.kubernetes.api.model.ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("none")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("pods", new io.fabric8.kubernetes.api.model.Quantity("0")))
                        .endSpec()
                        .build())
                .create();
        Troubled instance = start(component("c", DRAINS, 1));

        assertThat(awaitTrouble(instance, "driver.pod_refused").message()).contains("quota");
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.UNKNOWN);
    }

    @Test
    void leavesNothingWhenThePipelineIsRemoved() throws Exception {
        Instance single = start(component("a", DRAINS, 1), component("b", DRAINS, 2));
        Instance first = driver.start(KubernetesDriverContract.launch("p", "b", 0));
        Instance second = driver.start(KubernetesDriverContract.launch("p", "b", 1));
        for (Instance instance : List.of(single, first, second)) {
            awaitLine(instance, "ready");
        }

        driver.remove("p");

        for (Instance instance : List.of(single, first, second)) {
            assertThat(KubernetesDriverContract.ended(instance)).isEqualTo(Status.Ended.exit(0));
        }
        Waiting.until(
                "everything being gone",
                () -> List.of(
                                client.configMaps().inNamespace(namespace),
                                client.secrets().inNamespace(namespace),
                                client.services().inNamespace(namespace),
                                client.serviceAccounts().inNamespace(namespace),
                                client.pods().inNamespace(namespace),
                                client.apps().deployments().inNamespace(namespace),
                                client.apps().replicaSets().inNamespace(namespace),
                                client.apps().statefulSets().inNamespace(namespace))
                        .stream()
                        .allMatch(kind -> kind.withLabel(Labels.PIPELINE, "p")
                                .list()
                                .getItems()
                                .isEmpty()));
    }

    @Test
    void stopsReplicasTogetherAndTheHighestAlone() throws Exception {
        Instance first = start(component("c", DRAINS, 3));
        Instance second = driver.start(KubernetesDriverContract.launch("p", "c", 1));
        Instance third = driver.start(KubernetesDriverContract.launch("p", "c", 2));
        for (Instance instance : List.of(first, second, third)) {
            awaitLine(instance, "ready");
        }

        assertThat(third.stop(GRACE)).isEqualTo(Status.Ended.exit(0));
        assertThat(first.inspect()).isEqualTo(new Status.Running());
        assertThat(second.inspect()).isEqualTo(new Status.Running());
        CompletableFuture<Status.Ended> low = KubernetesDriverContract.stopInBackground(first);
        CompletableFuture<Status.Ended> high = KubernetesDriverContract.stopInBackground(second);

        assertThat(low.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.exit(0));
        assertThat(high.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.exit(0));
    }

    @Test
    void hasNoPodAfterAStopHoweverShortlyAfterTheStartItCame() throws Exception {
        driver.prepare(Pipelines.of("p", component("c", DRAINS, 1)), options(Map.of()));
        for (int i = 0; i < 10; i++) {
            Instance instance = driver.start(KubernetesDriverContract.launch("p", "c", 0));
            Thread.sleep(i * 20L);

            instance.stop(Duration.ZERO);

            assertThat(pods("c")).as("after stop %s", i).isEmpty();
        }
        assertThat(client.apps().replicaSets().inNamespace(namespace).list().getItems())
                .allMatch(Workload::idle);
    }

    @Test
    void startsAgainWithAnotherMarkAfterAnUpdate() throws Exception {
        Instance first = start(component("c", DRAINS, 1));
        awaitLine(first, "ready");
        first.stop(GRACE);
        driver.prepare(Pipelines.of("p", component("c", DRAINS.replace("ready", "ready again"), 1)), options(Map.of()));

        Instance second = driver.start(KubernetesDriverContract.launch("p", "c", 0));

        awaitLine(second, "ready again");
        assertThat(driver.recover(first.handle())).isEmpty();
        assertThat(second.stop(GRACE)).isEqualTo(Status.Ended.exit(0));
    }

    @Test
    void seesItsConfigItsCertificatesAndItsStateAndCanWriteNowhereElse() throws Exception {
        String script = HEALTHY
                + "id -u; cat $FISO_CONFIG_FILE; echo; cat $FISO_TLS_DIR/ca.crt $FISO_TLS_DIR/tls.crt $FISO_TLS_DIR/tls.key;"
                + " echo mine >$FISO_STATE_DIR/x && cat $FISO_STATE_DIR/x; echo x >/x || echo refused;"
                + " echo x >$FISO_TLS_DIR/x || echo refused; echo at $FISO_ADVERTISE_HOST; echo token $FISO_TOKEN;"
                + " echo ready; exec sleep 1000";
        var tls = new ManifestOptions.Tls("authority\n", "certificate\n", "key\n");
        driver.prepare(Pipelines.of("p", component("c", script, 1)), options(Map.of("c", tls)));

        Instance instance = driver.start(KubernetesDriverContract.launch("p", "c", 0));

        awaitLine(instance, "ready");
        List<String> lines = instance.lastErrorLines(20).stream()
                .filter(line -> !line.startsWith("/bin/sh"))
                .toList();
        String address = Objects.requireNonNull(pods("c").getFirst().getStatus().getPodIP());
        assertThat(lines.stream().filter(line -> !line.contains("can't create")))
                .containsExactly(
                        "65532",
                        "{}",
                        "authority",
                        "certificate",
                        "key",
                        "mine",
                        "refused",
                        "refused",
                        "at " + address,
                        "token t",
                        "ready");
        instance.stop(Duration.ZERO);
    }

    private Troubled start(ResolvedComponent... components) throws Exception {
        driver.prepare(Pipelines.of("p", components), options(Map.of()));
        return (Troubled) driver.start(KubernetesDriverContract.launch("p", components[0].id(), 0));
    }

    private ManifestOptions options(Map<String, ManifestOptions.Tls> tls) {
        return new ManifestOptions(
                        namespace,
                        "registry.example/fiso",
                        "1",
                        "fiso:8080",
                        "run-1",
                        new ManifestOptions.Secrets.Real("t"))
                .with(tls);
    }

    private static ResolvedComponent component(String id, String script, int replicas) {
        String image = Objects.requireNonNullElse(System.getenv("FISO_TEST_IMAGE"), "fiso-test/busybox:1");
        return Pipelines.component(id, new Launch.Image(image, List.of("/bin/sh", "-c", script)), replicas);
    }

    private static ResolvedComponent limited(ResolvedComponent c, Optional<String> cpu, Optional<String> memory) {
        return new ResolvedComponent(
                c.id(),
                c.kind(),
                c.type(),
                c.launch(),
                c.runtimeConfig(),
                c.shownConfig(),
                c.env(),
                c.secrets(),
                c.replicas(),
                c.restart(),
                new Resources(cpu, memory),
                c.stallTimeout());
    }

    private List<Pod> pods(String component) {
        return client.pods()
                .inNamespace(namespace)
                .withLabels(Labels.selector("p", component))
                .list()
                .getItems();
    }

    private void awaitReady(String component) throws InterruptedException {
        Waiting.until(
                "a ready pod of " + component,
                () -> pods(component).stream()
                        .flatMap(pod -> pod.getStatus().getConditions().stream())
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True")));
    }

    private static void awaitLine(Instance instance, String line) throws InterruptedException {
        Waiting.until(
                "the line \"" + line + "\"", () -> instance.lastErrorLines(50).contains(line));
    }

    private static Trouble awaitTrouble(Troubled instance, String code) throws InterruptedException {
        Waiting.until(
                "trouble " + code,
                () -> instance.trouble()
                        .filter(trouble -> trouble.code().equals(code))
                        .isPresent());
        return instance.trouble().orElseThrow();
    }
}
