// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.SecretVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fiso.driver.DriverException;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The pods of one component: unprivileged, without a token of the API, writing nowhere but in directories that are theirs. */
final class PodTemplates {
    static final int GRPC_PORT = 8080;
    static final int HTTP_PORT = 9090;
    static final String CONTAINER = "component";
    private static final String CONFIG_DIRECTORY = "/etc/fiso";
    private static final String STATE_DIRECTORY = "/var/lib/fiso";
    private static final String TLS_DIRECTORY = "/run/fiso/tls";
    /** The volume that is mounted there: an empty directory, or what a StatefulSet claims under this name. */
    static final String STATE = "state";
    /** The user of the images; a group of the same number owns what is mounted. */
    private static final long USER = 65532;
    /** What leaving takes beyond draining: the last report, and the end of the process. */
    private static final long LEAVING_SECONDS = 10;

    private final ResolvedPipeline pipeline;
    private final ResolvedComponent component;
    private final ManifestOptions options;
    private final String name;

    PodTemplates(ResolvedPipeline pipeline, ResolvedComponent component, ManifestOptions options) {
        this.pipeline = pipeline;
        this.component = component;
        this.options = options;
        this.name = Names.component(pipeline.name(), component.id());
    }

    PodTemplateSpec template() throws DriverException {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(Labels.component(pipeline.name(), component, options.version()))
                // Nothing restarts a pod because a mounted object has changed; a changed template does.
                .addToAnnotations("fiso.io/config", configHash())
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(Names.root(pipeline.name()))
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(graceSeconds())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(container())
                .withVolumes(volumes())
                .endSpec()
                .build();
    }

    /** With the run's token in it, which nobody guesses, the hash gives no secret away. */
    private String configHash() {
        return Names.sha256(
                switch (options.secrets()) {
                    case ManifestOptions.Secrets.Real real ->
                        real.token() + component.runtimeConfig() + new TreeMap<>(component.env()) + trusted();
                    case ManifestOptions.Secrets.Placeholders _ -> component.shownConfig();
                });
    }

    /** Whom pods trust is read when they start; a new certificate of their own is put into their directory while they run. */
    private String trusted() {
        return Optional.ofNullable(options.tls().get(component.id()))
                .map(ManifestOptions.Tls::authority)
                .orElse("");
    }

    /** Rounded up. */
    private long graceSeconds() {
        return pipeline.drainTimeout().plusMillis(999).toSeconds() + LEAVING_SECONDS;
    }

    private Container container() throws DriverException {
        ContainerBuilder container = new ContainerBuilder()
                .withName(CONTAINER)
                .withEnv(environment())
                .addNewPort()
                .withName("grpc")
                .withContainerPort(GRPC_PORT)
                .endPort()
                .addNewPort()
                .withName("http")
                .withContainerPort(HTTP_PORT)
                .endPort()
                // A JVM on a busy node may take a minute; until then nobody calls it dead.
                .withStartupProbe(health(2, 60))
                .withLivenessProbe(health(10, 6))
                .withReadinessProbe(health(5, 2))
                .withSecurityContext(restricted())
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewVolumeMount()
                .withName("config")
                .withMountPath(CONFIG_DIRECTORY)
                .withReadOnly(true)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName(STATE)
                .withMountPath(STATE_DIRECTORY)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount();
        if (tls()) {
            container
                    .addNewVolumeMount()
                    .withName("tls")
                    .withMountPath(TLS_DIRECTORY)
                    .withReadOnly(true)
                    .endVolumeMount();
        }
        Map<String, Quantity> limits = limits();
        if (!limits.isEmpty()) {
            container.withNewResources().withLimits(limits).withRequests(limits).endResources();
        }
        return launch(container).build();
    }

    private ContainerBuilder launch(ContainerBuilder container) throws DriverException {
        return switch (component.launch()) {
            case ResolvedComponent.Launch.Image image ->
                container.withImage(image.name()).withArgs(image.args());
            case ResolvedComponent.Launch.Java java ->
                container.withImage(imageOfType("a program of this machine")).withArgs(java.args());
            case ResolvedComponent.Launch.Command command ->
                container
                        .withImage(imageOfType("the command \"" + command.argv().getFirst() + "\""))
                        .withCommand(command.argv());
        };
    }

    private String imageOfType(String found) throws DriverException {
        String type = component
                .type()
                .orElseThrow(() -> new DriverException(
                        "driver.needs_image",
                        "component \"" + component.id() + "\" is " + found
                                + ", and pods run images only; give it one under drivers: {kubernetes: {image: ...}}"));
        return options.imagePrefix() + "/" + type + ":" + options.version();
    }

    /** The contract wins over what the user wrote. Neither generation nor replica index: a pod that is started again has the same variables. */
    private List<EnvVar> environment() {
        Map<String, EnvVar> all = new LinkedHashMap<>();
        plain(all, "FISO_CONTROL_PLANE", options.controlPlane());
        plain(all, "FISO_COMPONENT_ID", component.id());
        plain(all, "FISO_PIPELINE", pipeline.name());
        plain(all, "FISO_RUN_ID", options.run());
        secret(all, "FISO_TOKEN", ComponentManifests.TOKEN);
        plain(all, "FISO_CONFIG_FILE", CONFIG_DIRECTORY + "/" + ComponentManifests.CONFIG);
        plain(all, "FISO_STATE_DIR", STATE_DIRECTORY);
        if (tls()) {
            plain(all, "FISO_TLS_DIR", TLS_DIRECTORY);
        }
        plain(all, "FISO_LISTEN", "0.0.0.0:" + GRPC_PORT);
        plain(all, "FISO_HTTP_LISTEN", "0.0.0.0:" + HTTP_PORT);
        // The address and not a name: what keeps a name's old address for a while would not find a pod that was
        // replaced.
        all.put(
                "FISO_ADVERTISE_HOST",
                new EnvVarBuilder()
                        .withName("FISO_ADVERTISE_HOST")
                        .withNewValueFrom()
                        .withNewFieldRef()
                        .withFieldPath("status.podIP")
                        .endFieldRef()
                        .endValueFrom()
                        .build());
        component.env().forEach((variable, value) -> {
            if (all.containsKey(variable)) {
                return;
            }
            if (ComponentManifests.isSecret(component, value)) {
                secret(all, variable, ComponentManifests.VARIABLE + variable);
            } else {
                plain(all, variable, value);
            }
        });
        return new ArrayList<>(all.values());
    }

    /** Kubernetes would replace $(NAME) in it. */
    private static void plain(Map<String, EnvVar> all, String variable, String value) {
        all.put(
                variable,
                new EnvVarBuilder()
                        .withName(variable)
                        .withValue(value.replace("$(", "$$("))
                        .build());
    }

    private void secret(Map<String, EnvVar> all, String variable, String key) {
        all.put(
                variable,
                new EnvVarBuilder()
                        .withName(variable)
                        .withNewValueFrom()
                        .withNewSecretKeyRef()
                        .withName(name)
                        .withKey(key)
                        .endSecretKeyRef()
                        .endValueFrom()
                        .build());
    }

    private static Probe health(int periodSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath("/health")
                .withNewPort("http")
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(5)
                .withFailureThreshold(failures)
                .build();
    }

    private static SecurityContext restricted() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    private Map<String, Quantity> limits() {
        Map<String, Quantity> limits = new LinkedHashMap<>();
        component.resources().cpu().ifPresent(cpu -> limits.put("cpu", new Quantity(cpu)));
        component.resources().memory().ifPresent(memory -> limits.put("memory", new Quantity(memory)));
        return limits;
    }

    private List<Volume> volumes() {
        List<Volume> volumes = new ArrayList<>();
        VolumeBuilder config = new VolumeBuilder().withName("config");
        if (ComponentManifests.configIsSecret(component)) {
            config.withSecret(ofSecret(List.of(ComponentManifests.CONFIG)));
        } else {
            config.withNewConfigMap().withName(name).withDefaultMode(0440).endConfigMap();
        }
        volumes.add(config.build());
        if (tls()) {
            volumes.add(new VolumeBuilder()
                    .withName("tls")
                    .withSecret(ofSecret(ComponentManifests.TLS))
                    .build());
        }
        if (component.stateVolume().isEmpty()) {
            volumes.add(emptyDirectory(STATE));
        }
        volumes.add(emptyDirectory("tmp"));
        return volumes;
    }

    private SecretVolumeSource ofSecret(List<String> keys) {
        return new SecretVolumeSourceBuilder()
                .withSecretName(name)
                .withDefaultMode(0440)
                .withItems(keys.stream()
                        .map(key -> new KeyToPathBuilder()
                                .withKey(key)
                                .withPath(key)
                                .build())
                        .toList())
                .build();
    }

    private static Volume emptyDirectory(String name) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .endEmptyDir()
                .build();
    }

    private boolean tls() {
        return options.tls().containsKey(component.id());
    }
}
