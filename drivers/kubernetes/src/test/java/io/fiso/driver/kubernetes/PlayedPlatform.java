// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
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
    private final KubernetesClient client;
    private final String namespace;
    private final Thread controllers;
    private volatile boolean closed;

    PlayedPlatform(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.controllers = Thread.ofVirtual().name("played-controllers").start(this::play);
    }

    private void play() {
        while (!closed) {
            try {
                client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .forEach(this::deployment);
                client.apps()
                        .statefulSets()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .forEach(this::statefulSet);
                Thread.sleep(20);
            } catch (KubernetesClientException | IllegalStateException _) {
                // Somebody else has changed or deleted it meanwhile, or the client is closed; the next look sees.
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void deployment(Deployment deployment) {
        List<Pod> pods = pods(deployment);
        int wanted = deployment.getSpec().getReplicas();
        if (pods.size() < wanted) {
            create(
                    deployment,
                    deployment.getSpec().getTemplate(),
                    "ReplicaSet",
                    UUID.randomUUID().toString().substring(0, 8));
        }
        pods.stream()
                .skip(wanted)
                .forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
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

    private void statefulSet(StatefulSet set) {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < set.getSpec().getReplicas(); i++) {
            wanted.add(set.getMetadata().getName() + "-" + i);
        }
        List<Pod> pods = pods(set);
        for (Pod pod : pods) {
            if (!wanted.remove(pod.getMetadata().getName())) {
                client.resource(pod).withGracePeriod(0).delete();
            }
        }
        for (String name : wanted) {
            create(set, set.getSpec().getTemplate(), "StatefulSet", name.substring(name.lastIndexOf('-') + 1));
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
                .withLabel("app.kubernetes.io/instance", workload.getMetadata().getName())
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getStatus() == null
                        || !"Failed".equals(pod.getStatus().getPhase()))
                .toList();
    }

    private void create(HasMetadata owner, PodTemplateSpec template, String ownerKind, String suffix) {
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
                        .build())
                .create();
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
