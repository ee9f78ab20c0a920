// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fiso.driver.DriverException;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects of one component, all of one name. */
final class ComponentManifests {
    static final String CONFIG = "config.json";
    static final String TOKEN = "token";
    /** The files of {@code FISO_TLS_DIR}, and their keys in the Secret. */
    static final List<String> TLS = List.of("ca.crt", "tls.crt", "tls.key");
    /** Before the name of a variable, the key of its value in the Secret. */
    static final String VARIABLE = "env.";

    private final ResolvedPipeline pipeline;
    private final ResolvedComponent component;
    private final ManifestOptions options;
    private final String name;

    ComponentManifests(ResolvedPipeline pipeline, ResolvedComponent component, ManifestOptions options) {
        this.pipeline = pipeline;
        this.component = component;
        this.options = options;
        this.name = Names.component(pipeline.name(), component.id());
    }

    List<HasMetadata> all() throws DriverException {
        return List.of(config(), secret(), service(), workload());
    }

    /** A config with secrets in it is in the Secret as a whole; the ConfigMap then has what may be seen of it. */
    private HasMetadata config() {
        return new ConfigMapBuilder()
                .withMetadata(metadata())
                .addToData(configIsSecret(component) ? "shown.json" : CONFIG, component.shownConfig())
                .build();
    }

    private HasMetadata secret() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(TOKEN, options.token());
        if (configIsSecret(component)) {
            values.put(CONFIG, options.secret(component.runtimeConfig()));
        }
        Optional.ofNullable(options.tls().get(component.id())).ifPresent(tls -> {
            values.put(TLS.get(0), options.secret(tls.authority()));
            values.put(TLS.get(1), options.secret(tls.certificate()));
            values.put(TLS.get(2), options.secret(tls.key()));
        });
        component.env().forEach((variable, value) -> {
            if (isSecret(component, value)) {
                values.put(VARIABLE + variable, options.secret(value));
            }
        });
        return new SecretBuilder()
                .withMetadata(metadata())
                .withType("Opaque")
                .withStringData(values)
                .build();
    }

    /** Whether the config has anything that is masked when it is shown. */
    static boolean configIsSecret(ResolvedComponent component) {
        return !component.runtimeConfig().equals(component.shownConfig());
    }

    /** Values too short to be masked count as secrets: nothing says that they are none. */
    static boolean isSecret(ResolvedComponent component, String value) {
        return value.length() < 4 || component.secrets().stream().anyMatch(value::contains);
    }

    /** Without an address of its own; a pod is found here before it is ready and while it drains, since its neighbours need it then most. */
    private HasMetadata service() {
        return new ServiceBuilder()
                .withMetadata(metadata())
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(Labels.selector(pipeline.name(), component.id()))
                .addNewPort()
                .withName("grpc")
                .withPort(PodTemplates.GRPC_PORT)
                .withNewTargetPort("grpc")
                .withAppProtocol("grpc")
                .endPort()
                .addNewPort()
                .withName("http")
                .withPort(PodTemplates.HTTP_PORT)
                .withNewTargetPort("http")
                .endPort()
                .endSpec()
                .build();
    }

    private HasMetadata workload() throws DriverException {
        PodTemplateSpec template = new PodTemplates(pipeline, component, options).template();
        Map<String, String> selector = Labels.selector(pipeline.name(), component.id());
        if (component.replicas() == 1 && component.stateVolume().isEmpty()) {
            // Recreate: never two instances of one replica at a time.
            return new DeploymentBuilder()
                    .withMetadata(metadata())
                    .withNewSpec()
                    .withReplicas(1)
                    .withRevisionHistoryLimit(1)
                    .withNewStrategy()
                    .withType("Recreate")
                    .endStrategy()
                    .withNewSelector()
                    .withMatchLabels(selector)
                    .endSelector()
                    .withTemplate(template)
                    .endSpec()
                    .build();
        }
        return new StatefulSetBuilder()
                .withMetadata(metadata())
                .withNewSpec()
                .withReplicas(component.replicas())
                .withServiceName(name)
                .withPodManagementPolicy("Parallel")
                .withRevisionHistoryLimit(1)
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .withTemplate(template)
                .withVolumeClaimTemplates(stateClaims(selector))
                .endSpec()
                .build();
    }

    /** Claims made of it belong to nobody: what a component keeps outlives its pipeline, until somebody deletes it. */
    private List<PersistentVolumeClaim> stateClaims(Map<String, String> labels) {
        return component.stateVolume().stream()
                .map(volume -> new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName(PodTemplates.STATE)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withStorageClassName(volume.storageClass().orElse(null))
                        .withNewResources()
                        .addToRequests("storage", new Quantity(volume.size()))
                        .endResources()
                        .endSpec()
                        .build())
                .toList();
    }

    private ObjectMeta metadata() {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(options.namespace())
                .withLabels(Labels.component(pipeline.name(), component, options.version()))
                .build();
    }
}
