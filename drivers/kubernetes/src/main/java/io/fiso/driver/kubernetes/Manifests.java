// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fiso.driver.DriverException;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pipeline as Kubernetes objects. The same pipeline and options give the same objects, in the same order.
 *
 * @param root what owns all others: deleting it deletes the pipeline
 * @param dependents a ServiceAccount, then for each component its ConfigMap, Secret, Service and Deployment or StatefulSet
 */
public record Manifests(ConfigMap root, List<HasMetadata> dependents) {
    public Manifests {
        dependents = List.copyOf(dependents);
    }

    /**
     * Makes them.
     *
     * @throws DriverException {@code driver.needs_image} if a component is a command of the user's, which no image is known for
     */
    public static Manifests of(ResolvedPipeline pipeline, ManifestOptions options) throws DriverException {
        List<HasMetadata> dependents = new ArrayList<>();
        dependents.add(new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(Names.root(pipeline.name()))
                .withNamespace(options.namespace())
                .withLabels(Labels.pipeline(pipeline.name(), options.version()))
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build());
        for (ResolvedComponent component : pipeline.components()) {
            dependents.addAll(new ComponentManifests(pipeline, component, options).all());
        }
        return new Manifests(root(pipeline, options), dependents);
    }

    private static ConfigMap root(ResolvedPipeline pipeline, ManifestOptions options) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(Names.root(pipeline.name()))
                .withNamespace(options.namespace())
                .withLabels(Labels.pipeline(pipeline.name(), options.version()))
                .endMetadata()
                .addToData("pipeline", pipeline.name())
                .addToData("fingerprint", pipeline.fingerprint())
                .build();
    }

    /** The dependents with a reference to their owner as the API server knows it: its uid is given there. */
    List<HasMetadata> ownedBy(ConfigMap owner) {
        OwnerReference reference = new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("ConfigMap")
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .build();
        return dependents.stream()
                .map(object -> {
                    HasMetadata copy = Serialization.clone(object);
                    copy.getMetadata().setOwnerReferences(List.of(reference));
                    return copy;
                })
                .toList();
    }

    /** All of them, the root first. */
    public List<HasMetadata> all() {
        return Stream.concat(Stream.of(root), dependents.stream()).toList();
    }

    /** All of them, as one stream of YAML documents. */
    public String yaml() {
        return all().stream().map(Serialization::asYaml).collect(Collectors.joining());
    }

    /** All of them, each as JSON. */
    public List<String> json() {
        return all().stream().map(Serialization::asJson).toList();
    }
}
