// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fiso.driver.DriverException;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One namespace, as far as Fiso's objects in it are concerned. What is another's is never touched. Methods may be called from any thread. */
final class Cluster {
    /** Each attempt reads anew; another writer had won each time. */
    private static final int ATTEMPTS = 10;
    /** What the API server answers to a change of what cannot be changed, among others. */
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final String namespace;

    Cluster(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    KubernetesClient client() {
        return client;
    }

    String namespace() {
        return namespace;
    }

    /** Creates what is missing, updates what differs, deletes what the pipeline no longer has. New workloads have no pods yet. */
    void apply(String pipeline, Manifests manifests) throws DriverException {
        ConfigMap root = (ConfigMap) asked("apply the root of", pipeline, () -> apply(pipeline, manifests.root()));
        List<HasMetadata> wanted = manifests.ownedBy(root);
        // What is left of another shape of a component must be gone before its successor is there.
        asked("clean up after", pipeline, () -> prune(pipeline, wanted));
        for (HasMetadata object : wanted) {
            asked("apply " + object.getKind() + " of", pipeline, () -> apply(pipeline, object));
        }
    }

    private HasMetadata apply(String pipeline, HasMetadata object) throws DriverException {
        HasMetadata wanted = withHash(object);
        for (int attempt = 1; ; attempt++) {
            HasMetadata present = client.resource(wanted).get();
            try {
                if (present == null) {
                    return client.resource(
                                    Workload.is(wanted)
                                            ? new Workload(wanted).idle().object()
                                            : wanted)
                            .create();
                }
                refuseStrangers(pipeline, present);
                if (Labels.annotation(present, Labels.APPLIED).equals(Labels.annotation(wanted, Labels.APPLIED))) {
                    return present;
                }
                HasMetadata next = succeeding(present, wanted);
                next.getMetadata().setResourceVersion(present.getMetadata().getResourceVersion());
                return client.resource(next).update();
            } catch (KubernetesClientException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                if (e.getCode() == UNPROCESSABLE && present != null && Workload.is(present)) {
                    replace(new Workload(present), e);
                } else if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
            }
        }
    }

    private static HasMetadata succeeding(HasMetadata present, HasMetadata wanted) {
        if (Workload.is(present)) {
            return new Workload(present).succeededBy(wanted).object();
        }
        HasMetadata next = Serialization.clone(wanted);
        if (present instanceof ServiceAccount before && next instanceof ServiceAccount account) {
            // What the cluster and its administrators have put there.
            account.setSecrets(before.getSecrets());
            account.setImagePullSecrets(before.getImagePullSecrets());
        }
        return next;
    }

    /** What cannot be changed in a workload, as the volumes of its state, can be another way in a new one; while it has no pods, nobody notices. */
    private void replace(Workload present, KubernetesClientException refusal) throws DriverException {
        HasMetadata object = present.object();
        if (!present.unclaimed()) {
            throw new DriverException(
                    "driver.immutable",
                    object.getKind() + " \"" + object.getMetadata().getName() + "\" in namespace \"" + namespace
                            + "\" cannot be changed so while it has pods (" + words(refusal)
                            + "); stop the pipeline first",
                    refusal);
        }
        delete(object);
    }

    private static void refuseStrangers(String pipeline, HasMetadata present) throws DriverException {
        if (!Labels.areOn(present, pipeline)) {
            throw new DriverException(
                    "driver.foreign_object",
                    present.getKind() + " \"" + present.getMetadata().getName() + "\" in namespace \""
                            + present.getMetadata().getNamespace() + "\" is not of pipeline \"" + pipeline
                            + "\" (labels " + Labels.MANAGED_BY + ", " + Labels.PIPELINE
                            + "); rename the pipeline, or remove that object");
        }
    }

    private static HasMetadata withHash(HasMetadata object) {
        HasMetadata copy = Serialization.clone(object);
        Map<String, String> annotations = copy.getMetadata().getAnnotations() == null
                ? new HashMap<>()
                : new HashMap<>(copy.getMetadata().getAnnotations());
        annotations.put(Labels.APPLIED, Names.sha256(Serialization.asYaml(object)));
        copy.getMetadata().setAnnotations(annotations);
        return copy;
    }

    private Object prune(String pipeline, List<HasMetadata> wanted) {
        Set<String> names = new HashSet<>();
        wanted.forEach(object -> names.add(key(object)));
        names.add("ConfigMap/" + Names.root(pipeline));
        present(pipeline)
                .filter(object -> !names.contains(key(object)))
                .toList()
                .forEach(this::delete);
        return names;
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }

    /** Everything of a pipeline but its pods, workloads first. */
    private Stream<? extends HasMetadata> present(String pipeline) {
        Map<String, String> labels = Labels.ofPipeline(pipeline);
        return Stream.of(
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
                                .getItems(),
                        client.services()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.secrets()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.configMaps()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.serviceAccounts()
                                .inNamespace(namespace)
                                .withLabels(labels)
                                .list()
                                .getItems())
                .flatMap(List::stream);
    }

    private void delete(HasMetadata object) {
        client.resource(object)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
    }

    /** Deletes the root; the rest goes with it. Whether there was one. */
    boolean deleteRoot(String pipeline) throws DriverException {
        return asked("delete", pipeline, () -> {
            ConfigMap root = client.configMaps()
                    .inNamespace(namespace)
                    .withName(Names.root(pipeline))
                    .get();
            if (root == null) {
                return false;
            }
            refuseStrangers(pipeline, root);
            delete(root);
            return true;
        });
    }

    /** The workload of a component; empty if there is none, or it is not ours. */
    Optional<Workload> workload(String pipeline, String component) {
        String name = Names.component(pipeline, component);
        HasMetadata found = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (found == null) {
            found = client.apps()
                    .statefulSets()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
        }
        return Optional.ofNullable(found)
                .filter(object -> Labels.areOn(object, pipeline))
                .map(Workload::new);
    }

    /** Changes a workload as it is now; empty if there is none. */
    Optional<Workload> change(String pipeline, String component, UnaryOperator<Workload> change)
            throws DriverException {
        return asked("change component \"" + component + "\" of", pipeline, () -> {
            for (int attempt = 1; ; attempt++) {
                Optional<Workload> present = workload(pipeline, component);
                if (present.isEmpty()) {
                    return present;
                }
                HasMetadata next = change.apply(present.get()).object();
                next.getMetadata()
                        .setResourceVersion(present.get().object().getMetadata().getResourceVersion());
                try {
                    return Optional.of(new Workload(client.resource(next).update()));
                } catch (KubernetesClientException e) {
                    if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        });
    }

    /** Whether a ReplicaSet of a component may make another pod. There are some only where its workload is, or was, a Deployment. */
    boolean replicaSetsIdle(String pipeline, String component) {
        return client
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withLabels(Labels.selector(pipeline, component))
                .list()
                .getItems()
                .stream()
                .allMatch(Workload::idle);
    }

    /** The pods of one replica, also those that are ending. */
    List<Pod> pods(String pipeline, String component, int replica) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabels(Labels.selector(pipeline, component))
                .list()
                .getItems()
                .stream()
                .filter(pod -> isOf(pipeline, component, replica, pod))
                .toList();
    }

    /** Whether a pod of this component is this replica's. */
    static boolean isOf(String pipeline, String component, int replica, Pod pod) {
        return !numbered(pod)
                || pod.getMetadata().getName().equals(Names.component(pipeline, component) + "-" + replica);
    }

    /** Whether a StatefulSet made it, which names its pods by their ordinals. */
    private static boolean numbered(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getKind().equals("StatefulSet"));
    }

    /** What was reported of an object of this name, or of one whose name begins with it and "-". */
    List<Event> events(String name) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject() != null)
                .filter(event -> {
                    String about = Objects.toString(event.getInvolvedObject().getName(), "");
                    return about.equals(name) || about.startsWith(name + "-");
                })
                .toList();
    }

    /** Asks the API server, and says what went wrong in words. */
    <T extends @Nullable Object> T asked(String what, String pipeline, Question<T> question) throws DriverException {
        try {
            return question.ask();
        } catch (KubernetesClientException e) {
            throw new DriverException(
                    code(e),
                    "cannot " + what + " pipeline \"" + pipeline + "\" in namespace \"" + namespace + "\": " + words(e),
                    e);
        }
    }

    private static String code(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_UNAUTHORIZED -> "driver.forbidden";
            // No answer, or one that says to ask again.
            case 0, 429, 500, 502, 503, 504 -> "driver.unavailable";
            default -> "driver.api";
        };
    }

    private static String words(KubernetesClientException e) {
        String message = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
        return e.getCode() == 0
                ? message + "; is the API server reachable (kubectl version)?"
                : e.getCode() + " " + message;
    }

    /** One exchange with the API server. */
    interface Question<T extends @Nullable Object> {
        T ask() throws DriverException;
    }
}
