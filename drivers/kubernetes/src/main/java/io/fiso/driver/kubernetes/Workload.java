// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.Map;

/** A Deployment or StatefulSet: how many pods it keeps, and which launches they belong to. Immutable. */
record Workload(HasMetadata object) {
    int replicas() {
        Integer count = switch (object) {
            case Deployment deployment -> deployment.getSpec().getReplicas();
            case StatefulSet set -> set.getSpec().getReplicas();
            default -> throw new IllegalStateException("no workload: " + object.getKind());
        };
        return count == null ? 1 : count;
    }

    /** The mark of the launch that a replica belongs to; empty if it belongs to none. */
    String mark(int replica) {
        return Labels.annotation(object, Labels.MARK + replica);
    }

    /** With a replica claimed for a launch, and a pod for it. */
    Workload claimed(int replica, String mark) {
        Map<String, String> annotations = annotations();
        annotations.put(Labels.MARK + replica, mark);
        return with(annotations, Math.max(replicas(), replica + 1));
    }

    /** Without this claim, and without pods above the highest one that is left. */
    Workload released(int replica) {
        Map<String, String> annotations = annotations();
        annotations.remove(Labels.MARK + replica);
        int highest = annotations.keySet().stream()
                .filter(name -> name.startsWith(Labels.MARK))
                .mapToInt(name -> Integer.parseInt(name.substring(Labels.MARK.length())))
                .max()
                .orElse(-1);
        return with(annotations, Math.min(replicas(), highest + 1));
    }

    /** Of another version, with the pods and claims of this one. */
    Workload succeededBy(HasMetadata next) {
        Workload successor = new Workload(next);
        Map<String, String> annotations = successor.annotations();
        annotations().forEach((name, value) -> {
            if (name.startsWith(Labels.MARK)) {
                annotations.put(name, value);
            }
        });
        return successor.with(annotations, Math.min(replicas(), successor.replicas()));
    }

    /** Whether its controller has seen it as it is, and so makes no more pods than it asks for. */
    boolean settled() {
        Long generation = object.getMetadata().getGeneration();
        Long observed = switch (object) {
            case Deployment deployment ->
                deployment.getStatus() == null ? null : deployment.getStatus().getObservedGeneration();
            case StatefulSet set ->
                set.getStatus() == null ? null : set.getStatus().getObservedGeneration();
            default -> throw new IllegalStateException("no workload: " + object.getKind());
        };
        return generation == null || (observed != null && observed >= generation);
    }

    /** Whether it has no pods to keep, and no launch has claimed one. */
    boolean unclaimed() {
        return replicas() == 0 && annotations().keySet().stream().noneMatch(name -> name.startsWith(Labels.MARK));
    }

    /** Whether the controller of a Deployment's ReplicaSet has seen that it is to keep no pods, and so makes none any more. */
    static boolean idle(ReplicaSet set) {
        Integer replicas = set.getSpec().getReplicas();
        Long generation = set.getMetadata().getGeneration();
        Long observed = set.getStatus() == null ? null : set.getStatus().getObservedGeneration();
        return replicas != null
                && replicas == 0
                && (generation == null || (observed != null && observed >= generation));
    }

    /** Without pods. */
    Workload idle() {
        return with(annotations(), 0);
    }

    private Map<String, String> annotations() {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? new HashMap<>() : new HashMap<>(annotations);
    }

    private Workload with(Map<String, String> annotations, int replicas) {
        HasMetadata copy = Serialization.clone(object);
        copy.getMetadata().setAnnotations(annotations);
        switch (copy) {
            case Deployment deployment -> deployment.getSpec().setReplicas(replicas);
            case StatefulSet set -> set.getSpec().setReplicas(replicas);
            default -> throw new IllegalStateException("no workload: " + copy.getKind());
        }
        return new Workload(copy);
    }

    static boolean is(HasMetadata object) {
        return object instanceof Deployment || object instanceof StatefulSet;
    }
}
