// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Plays the controllers of workloads, and lets a test play the kubelet, on an API server that has neither: a mock, or kube-apiserver with etcd alone. Makes and removes pods in a
 * thread of its own, through the API.
 */
final class PlayedPlatform implements AutoCloseable {
    private static final String INSTANCE = "app.kubernetes.io/instance";

    private final KubernetesClient client;
    private final String namespace;
    private final Thread controllers;
    private volatile boolean closed;
    /** While it is set, the controller of ReplicaSets sees nothing. */
    volatile boolean replicaSetsHeld;
    /** While it is set, pods that are to end do not. */
    volatile boolean kubeletHeld;

    PlayedPlatform(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.controllers = Thread.ofVirtual().name("played-controllers").start(this::play);
    }

    private void play() {
        while (!closed) {
            try {
                List<Deployment> deployments = client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .list()
                        .getItems();
                deployments.forEach(this::deployment);
                if (!replicaSetsHeld) {
                    replicaSets().forEach(set -> replicaSet(set, deployments));
                }
                client.apps()
                        .statefulSets()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .forEach(this::statefulSet);
                if (!kubeletHeld) {
                    client.pods().inNamespace(namespace).list().getItems().stream()
                            .filter(pod -> pod.getMetadata().getDeletionTimestamp() != null)
                            .forEach(this::forget);
                }
                Thread.sleep(20);
            } catch (KubernetesClientException | IllegalStateException _) {
                // Somebody else has changed or deleted it meanwhile, or the client is closed; the next look sees.
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private List<ReplicaSet> replicaSets() {
        return client.apps().replicaSets().inNamespace(namespace).list().getItems();
    }

    private void deployment(Deployment deployment) {
        int wanted = deployment.getSpec().getReplicas();
        String name = deployment.getMetadata().getName();
        ReplicaSet set = client.apps()
                .replicaSets()
                .inNamespace(namespace)
                .withName(name)
                .get();
        PodTemplateSpec template = deployment.getSpec().getTemplate();
        if (set == null) {
            client.resource(new ReplicaSetBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(namespace)
                            .withLabels(template.getMetadata().getLabels())
                            .endMetadata()
                            .withNewSpec()
                            .withReplicas(wanted)
                            .withSelector(deployment.getSpec().getSelector())
                            .withTemplate(template)
                            .endSpec()
                            .build())
                    .create();
        } else if (set.getSpec().getReplicas() != wanted) {
            client.resource(new ReplicaSetBuilder(set)
                            .editSpec()
                            .withReplicas(wanted)
                            .endSpec()
                            .build())
                    .update();
        }
        Long generation = deployment.getMetadata().getGeneration();
        if (generation != null
                && (deployment.getStatus() == null
                        || !generation.equals(deployment.getStatus().getObservedGeneration()))) {
            client.resource(deployment)
                    .editStatus(d -> d.edit()
                            .editOrNewStatus()
                            .withObservedGeneration(generation)
                            .endStatus()
                            .build());
        }
    }

    /** The garbage collector too: one whose Deployment is gone goes, and leaves its pods to the test. */
    private void replicaSet(ReplicaSet set, List<Deployment> deployments) {
        if (deployments.stream()
                .noneMatch(
                        d -> d.getMetadata().getName().equals(set.getMetadata().getName()))) {
            client.resource(set).delete();
            return;
        }
        List<Pod> pods = pods(set);
        int wanted = set.getSpec().getReplicas();
        if (pods.size() < wanted) {
            create(
                    set,
                    "ReplicaSet",
                    UUID.randomUUID().toString().substring(0, 8),
                    set.getSpec().getTemplate());
        }
        pods.stream().skip(wanted).forEach(this::delete);
        Long generation = set.getMetadata().getGeneration();
        if (generation != null
                && (set.getStatus() == null
                        || !generation.equals(set.getStatus().getObservedGeneration()))) {
            client.resource(set)
                    .editStatus(s -> s.edit()
                            .editOrNewStatus()
                            .withObservedGeneration(generation)
                            .withReplicas(s.getSpec().getReplicas())
                            .endStatus()
                            .build());
        }
    }

    private void statefulSet(StatefulSet set) {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < set.getSpec().getReplicas(); i++) {
            wanted.add(set.getMetadata().getName() + "-" + i);
        }
        for (Pod pod : pods(set)) {
            if (!wanted.remove(pod.getMetadata().getName())) {
                delete(pod);
            }
        }
        for (String name : wanted) {
            create(
                    set,
                    "StatefulSet",
                    name.substring(name.lastIndexOf('-') + 1),
                    set.getSpec().getTemplate());
        }
        Long generation = set.getMetadata().getGeneration();
        if (generation != null
                && (set.getStatus() == null
                        || !generation.equals(set.getStatus().getObservedGeneration()))) {
            client.resource(set)
                    .editStatus(s -> s.edit()
                            .editOrNewStatus()
                            .withObservedGeneration(generation)
                            .withReplicas(s.getSpec().getReplicas())
                            .endStatus()
                            .build());
        }
    }

    private List<Pod> pods(HasMetadata workload) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel(INSTANCE, workload.getMetadata().getName())
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getStatus() == null
                        || !"Failed".equals(pod.getStatus().getPhase()))
                .toList();
    }

    private void create(HasMetadata owner, String ownerKind, String suffix, PodTemplateSpec template) {
        client.resource(new PodBuilder()
                        .withMetadata(template.getMetadata())
                        .editMetadata()
                        .withName(owner.getMetadata().getName() + "-" + suffix)
                        .withNamespace(namespace)
                        .addNewOwnerReference()
                        .withApiVersion("apps/v1")
                        .withKind(ownerKind)
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .endOwnerReference()
                        .endMetadata()
                        .withSpec(template.getSpec())
                        .editSpec()
                        // One without a node is deleted without any grace: nothing of it can run.
                        .withNodeName("played-node")
                        .endSpec()
                        .build())
                .create();
    }

    /** With the grace that it says itself, as controllers do. */
    private void delete(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() == null) {
            client.resource(pod).delete();
        }
    }

    /** What the kubelet does when nothing of a pod runs any more. */
    void forget(Pod pod) {
        client.resource(pod).withGracePeriod(0).delete();
    }

    /** What the kubelet would write, over whatever the pod has become since. */
    void kubelet(Pod pod, PodStatus status) {
        client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(p -> new PodBuilder(p).withStatus(status).build());
    }

    /** The one pod of a replica; waits for it. */
    Pod pod(String pipeline, String component, int replica) throws InterruptedException {
        Cluster cluster = new Cluster(client, namespace);
        Waiting.until(
                "a pod of " + component + "-" + replica,
                () -> living(cluster, pipeline, component, replica).size() == 1);
        return Objects.requireNonNull(
                living(cluster, pipeline, component, replica).getFirst());
    }

    private static List<Pod> living(Cluster cluster, String pipeline, String component, int replica) {
        return cluster.pods(pipeline, component, replica).stream()
                .filter(pod -> !new PodReading(pod).over())
                .toList();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        controllers.join();
    }
}
