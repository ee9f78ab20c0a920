// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Status;
import io.fiso.driver.Troubled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the driver promises, against any API server that has no controllers and no nodes of its own: both are played, through the API. */
@Timeout(300)
abstract class KubernetesDriverContract {
    private static final Duration GRACE = Duration.ofSeconds(60);

    KubernetesClient client;
    String namespace;
    KubernetesDriver driver;
    PlayedPlatform platform;

    /** A client of its own, that may do everything; several reach the same server. */
    abstract KubernetesClient connect();

    /** A client that may do what {@link Rights} says, where the server tells the difference. */
    KubernetesClient connectAsDriver() {
        return connect();
    }

    /** Lets {@link #connectAsDriver} work in the test's namespace. */
    void permit() {}

    @BeforeEach
    final void begin() {
        client = connect();
        namespace = "fiso-test-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        permit();
        driver = new KubernetesDriver(connectAsDriver(), namespace);
        platform = new PlayedPlatform(client, namespace);
    }

    @AfterEach
    final void end() throws Exception {
        if (platform != null) {
            platform.close();
            driver.close();
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    @Test
    void preparingTwiceChangesNothing() throws Exception {
        driver.prepare(Pipelines.orders(), options());
        // Their controllers write too, once: that they have seen it.
        Cluster cluster = new Cluster(client, namespace);
        for (String component : List.of("in", "normalize", "out")) {
            Waiting.until(
                    "the controller of " + component,
                    () -> cluster.workload("orders", component)
                            .filter(Workload::settled)
                            .isPresent());
        }
        Map<String, String> first = versions("orders");

        driver.prepare(Pipelines.orders(), options());

        assertThat(first).hasSize(14);
        assertThat(versions("orders")).isEqualTo(first);
    }

    @Test
    void makesNoPodsBeforeSomethingIsStarted() throws Exception {
        driver.prepare(Pipelines.orders(), options());

        assertThat(everything("orders").stream().filter(Workload::is).map(o -> new Workload(o).replicas()))
                .containsExactly(0, 0, 0);
    }

    @Test
    void ownsEverythingByTheRootAndRemovesThat() throws Exception {
        driver.prepare(Pipelines.orders(), options());
        HasMetadata root = everything("orders").stream()
                .filter(o -> o.getMetadata().getOwnerReferences().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(everything("orders"))
                .filteredOn(
                        o -> !o.getMetadata().getUid().equals(root.getMetadata().getUid()))
                .hasSize(13)
                .allMatch(o -> o.getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getUid()
                        .equals(root.getMetadata().getUid()));

        driver.remove("orders");

        assertThat(client.resource(root).get()).isNull();
        driver.remove("orders");
    }

    @Test
    void updatesWhatHasChangedAndKeepsPodsAndClaims() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Map<String, String> before = versions("p");

        driver.prepare(Pipelines.of("p", Pipelines.image("c", "registry.example/mine:2", 1)), options());

        Deployment now = (Deployment)
                new Cluster(client, namespace).workload("p", "c").orElseThrow().object();
        assertThat(now.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .endsWith(":2");
        assertThat(now.getSpec().getReplicas()).isEqualTo(1);
        assertThat(driver.recover(instance.handle())).isPresent();
        Map<String, String> after = versions("p");
        before.keySet().removeIf(key -> key.startsWith("Deployment/"));
        assertThat(after).containsAllEntriesOf(before);
    }

    @Test
    void removesWhatThePipelineNoLongerHas() throws Exception {
        driver.prepare(Pipelines.of("p", Pipelines.image("a", "i:1", 1), Pipelines.image("b", "i:1", 1)), options());
        driver.prepare(Pipelines.plain("other", "b", 1), options());

        driver.prepare(Pipelines.of("p", Pipelines.image("a", "i:1", 2)), options());

        assertThat(versions("p").keySet()).noneMatch(key -> key.startsWith("Deployment/") || key.contains("/p-b-"));
        assertThat(versions("p").keySet()).anyMatch(key -> key.startsWith("StatefulSet/p-a-"));
        assertThat(versions("other")).hasSize(6);
    }

    @Test
    void refusesToTakeOverWhatIsAnothers() throws Exception {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(Names.root("p"))
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToData("precious", "yes")
                        .build())
                .create();

        assertThatThrownBy(() -> driver.prepare(Pipelines.plain("p", "c", 1), options()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("is not of pipeline \"p\"");
        assertThatThrownBy(() -> driver.remove("p")).isInstanceOf(DriverException.class);
        assertThat(client.configMaps()
                        .inNamespace(namespace)
                        .withName(Names.root("p"))
                        .get()
                        .getData())
                .containsEntry("precious", "yes");
    }

    @Test
    void startsOnlyWhatWasPrepared() {
        assertThatThrownBy(() -> driver.start(launch("p", "c", 0)))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("no workload for component \"c\"");
    }

    @Test
    void runsThroughCrashesUntilItIsStopped() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Pod pod = platform.pod("p", "c", 0);
        platform.kubelet(pod, Statuses.crashing("Error", 3, "no such topic", 2));
        assertThat(instance.inspect()).isEqualTo(new Status.Running());

        Status.Ended end = instance.stop(GRACE);

        assertThat(end).isEqualTo(Status.Ended.exit(3));
        assertThat(instance.inspect()).isEqualTo(end);
        assertThat(instance.stop(Duration.ZERO)).isEqualTo(end);
        assertThat(client.resource(pod).get()).isNull();
        assertThat(ended(instance)).isEqualTo(end);
        assertThat(driver.recover(instance.handle())).isEmpty();
    }

    @Test
    void reportsAnEndForWantOfMemoryAsSuch() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Troubled instance = (Troubled) driver.start(launch("p", "c", 0));
        platform.kubelet(platform.pod("p", "c", 0), Statuses.crashing("OOMKilled", 137, "", 1));

        assertThat(instance.trouble().orElseThrow().code()).isEqualTo("driver.oom_killed");
        assertThat(instance.stop(GRACE)).isEqualTo(Status.Ended.signal(9).outOfMemory("none"));
    }

    @Test
    void showsWhatKeepsAPodFromStartingAsItsFirstError() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Troubled instance = (Troubled) driver.start(launch("p", "c", 0));
        Pod pod = platform.pod("p", "c", 0);
        assertThat(instance.trouble()).isEmpty();
        platform.kubelet(pod, Statuses.waiting("ImagePullBackOff", "Back-off pulling image"));
        client.resource(new io.fabric8.kubernetes.api.model.EventBuilder()
                        .withNewMetadata()
                        .withName("e-1")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withKind("Pod")
                        .withNamespace(namespace)
                        .withName(pod.getMetadata().getName())
                        .endInvolvedObject()
                        .withType("Warning")
                        .withReason("Failed")
                        .withMessage("Failed to pull image: unauthorized")
                        .build())
                .create();

        assertThat(instance.lastErrorLines(5))
                .singleElement()
                .asString()
                .contains("ImagePullBackOff")
                .contains("unauthorized");
        assertThat(instance.inspect()).isEqualTo(new Status.Running());

        platform.kubelet(pod, Statuses.running());

        assertThat(instance.trouble()).isEmpty();
    }

    @Test
    void outlivesTheEvictionOfAPod() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Pod first = platform.pod("p", "c", 0);
        platform.kubelet(first, Statuses.evicted("low on memory"));

        Waiting.until(
                "another pod",
                () -> new Cluster(client, namespace).pods("p", "c", 0).size() == 2);
        assertThat(instance.inspect()).isEqualTo(new Status.Running());
        instance.stop(GRACE);
        instance.destroy();

        assertThat(new Cluster(client, namespace).pods("p", "c", 0)).isEmpty();
    }

    @Test
    void findsAgainByHandleAndByIntentAndNeverAStranger() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        LaunchSpec launch = launch("p", "c", 0);
        assertThat(driver.recover(driver.intent(launch))).isEmpty();
        Instance instance = driver.start(launch);
        platform.pod("p", "c", 0);

        try (Driver other = new KubernetesDriver(connectAsDriver(), namespace)) {
            Instance found = other.recover(driver.intent(launch)).orElseThrow();
            assertThat(found.handle()).isEqualTo(instance.handle());
            assertThat(found.inspect()).isEqualTo(new Status.Running());
            assertThat(other.recover(driver.intent(launch("p", "c", 0)))).isEmpty();

            found.stop(GRACE);

            ended(instance);
        }
    }

    @Test
    void refusesHandlesThatAreNotItsOwn() {
        assertThatThrownBy(() -> driver.recover(new Handle("process", 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("\"process\"");
        assertThatThrownBy(() -> driver.recover(new Handle("kubernetes", 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("lacks the field");
    }

    @Test
    void stopsReplicasThatAreStoppedTogether() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 3), options());
        List<Instance> instances = List.of(
                driver.start(launch("p", "c", 0)),
                driver.start(launch("p", "c", 1)),
                driver.start(launch("p", "c", 2)));
        for (int i = 0; i < 3; i++) {
            platform.pod("p", "c", i);
        }

        List<CompletableFuture<Status.Ended>> ends = instances.stream()
                .map(KubernetesDriverContract::stopInBackground)
                .toList();

        for (CompletableFuture<Status.Ended> end : ends) {
            assertThat(end.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.UNKNOWN);
        }
        assertThat(new Cluster(client, namespace)
                        .workload("p", "c")
                        .orElseThrow()
                        .replicas())
                .isZero();
    }

    @Test
    void stopsTheHighestReplicaAlone() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 2), options());
        Instance low = driver.start(launch("p", "c", 0));
        Instance high = driver.start(launch("p", "c", 1));
        Pod stays = platform.pod("p", "c", 0);
        platform.pod("p", "c", 1);

        high.stop(GRACE);

        assertThat(low.inspect()).isEqualTo(new Status.Running());
        assertThat(client.resource(stays).get().getMetadata().getUid())
                .isEqualTo(stays.getMetadata().getUid());
    }

    @Test
    void endsTogetherWithWhatSomebodyDeleted() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Pod pod = platform.pod("p", "c", 0);

        client.resource(new Cluster(client, namespace)
                        .workload("p", "c")
                        .orElseThrow()
                        .object())
                .delete();
        assertThat(instance.inspect()).isEqualTo(new Status.Running());
        client.resource(pod).withGracePeriod(0).delete();

        assertThat(ended(instance)).isEqualTo(Status.Ended.UNKNOWN);
    }

    @Test
    void isNotOverWhileAPodMayStillBeMade() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        platform.replicaSetsHeld = true;
        Instance instance = driver.start(launch("p", "c", 0));
        Waiting.until("one pod being asked for", () -> askedFor() == 1);

        CompletableFuture<Status.Ended> stop = stopInBackground(instance);

        Waiting.until("no pod being asked for", () -> askedFor() == 0);
        Waiting.until(
                "the controller of the Deployment",
                () -> new Cluster(client, namespace)
                        .workload("p", "c")
                        .orElseThrow()
                        .settled());
        assertThat(instance.inspect()).isEqualTo(new Status.Running());
        assertThat(stop).isNotDone();
        platform.replicaSetsHeld = false;
        assertThat(stop.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.UNKNOWN);
    }

    private int askedFor() {
        return client.apps().replicaSets().inNamespace(namespace).list().getItems().stream()
                .mapToInt(set -> set.getSpec().getReplicas())
                .sum();
    }

    @Test
    void givesAWorkloadWithoutPodsTheVolumesThatItDidNotHave() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 2), options());

        driver.prepare(Pipelines.of("p", Pipelines.onVolume(Pipelines.image("c", "i:1", 2), "1Gi")), options());

        StatefulSet now = (StatefulSet)
                new Cluster(client, namespace).workload("p", "c").orElseThrow().object();
        assertThat(now.getSpec().getVolumeClaimTemplates()).hasSize(1);
        assertThat(now.getSpec().getReplicas()).isZero();
    }

    @Test
    void closingTheDriverEndsNothing() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Pod pod = platform.pod("p", "c", 0);

        driver.close();
        driver.close();

        assertThat(client.resource(pod).get()).isNotNull();
        try (Driver other = new KubernetesDriver(connectAsDriver(), namespace)) {
            assertThat(other.recover(instance.handle())).isPresent();
        }
    }

    static CompletableFuture<Status.Ended> stopInBackground(Instance instance) {
        CompletableFuture<Status.Ended> end = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                end.complete(instance.stop(GRACE));
            } catch (DriverException | InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    static Status.Ended ended(Instance instance) throws Exception {
        CompletableFuture<Status.Ended> end = new CompletableFuture<>();
        instance.onEnd(end::complete);
        return end.get(120, TimeUnit.SECONDS);
    }

    final ManifestOptions options() {
        return new ManifestOptions(
                namespace, "registry.example/fiso", "1", "fiso:8080", "run-1", new ManifestOptions.Secrets.Real("t"));
    }

    static LaunchSpec launch(String pipeline, String component, int replica) {
        return new LaunchSpec(
                pipeline,
                "run-1",
                component,
                replica,
                UUID.randomUUID().toString().replace("-", ""),
                new LaunchSpec.Launch.Image("registry.example/mine:1", List.of()),
                Map.of(),
                Map.of(),
                Path.of("state"),
                Path.of("config.json"),
                Optional.empty(),
                new LaunchSpec.OutputFiles(Path.of("c.log"), Path.of("c.out")),
                LaunchSpec.Resources.UNLIMITED);
    }

    /** Resource versions, by kind and name. */
    private Map<String, String> versions(String pipeline) {
        Map<String, String> versions = new HashMap<>();
        everything(pipeline)
                .forEach(o -> versions.put(
                        o.getKind() + "/" + o.getMetadata().getName(),
                        Objects.requireNonNull(client.resource(o).get())
                                .getMetadata()
                                .getResourceVersion()));
        return versions;
    }

    private List<HasMetadata> everything(String pipeline) {
        Map<String, String> labels = Labels.ofPipeline(pipeline);
        return Stream.<List<? extends HasMetadata>>of(
                        client.configMaps()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.serviceAccounts()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.secrets()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.services()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.apps()
                                .deployments()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.apps()
                                .statefulSets()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems())
                .flatMap(List::stream)
                .map(HasMetadata.class::cast)
                .toList();
    }
}
