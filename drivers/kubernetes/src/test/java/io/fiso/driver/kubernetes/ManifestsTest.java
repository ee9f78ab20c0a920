// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fiso.driver.DriverException;
import io.fiso.pipeline.ResolvedComponent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/fiso/driver/kubernetes");
    private static final String HEADER =
            "# SPDX-FileCopyrightText: The Fiso Authors\n# SPDX-License-Identifier: Apache-2.0\n";

    @Test
    void makesWhatTheGoldenFileShows() throws Exception {
        compare(
                "orders.yaml",
                Manifests.of(Pipelines.orders(), Pipelines.real()).yaml());
    }

    @Test
    void putsPlaceholdersWhereNobodyAskedForSecrets() throws Exception {
        var options = Pipelines.options(new ManifestOptions.Secrets.Placeholders());

        String yaml = Manifests.of(Pipelines.orders(), options).yaml();

        compare("orders-placeholders.yaml", yaml);
        assertThat(yaml).doesNotContain(Pipelines.SECRET).doesNotContain(Pipelines.TOKEN);
    }

    @Test
    void makesWhatTheGoldenFileShowsOfCertificatesAndVolumes() throws Exception {
        var component = Pipelines.onVolume(Pipelines.image("c", "registry.example/mine:1", 1), "1Gi");
        var tls = new ManifestOptions.Tls("authority of c\n", "certificate of c\n", "key of c\n");

        String yaml = Manifests.of(
                        Pipelines.of("p", component), Pipelines.real().with(Map.of("c", tls)))
                .yaml();

        compare("certificates-and-volumes.yaml", yaml);
    }

    @Test
    void replacesPodsThatTrustAnotherAuthorityNowAndNotForANewCertificate() throws Exception {
        String before = configHash(new ManifestOptions.Tls("authority", "certificate", "key"));

        assertThat(configHash(new ManifestOptions.Tls("authority", "newer", "newer")))
                .isEqualTo(before);
        assertThat(configHash(new ManifestOptions.Tls("another", "certificate", "key")))
                .isNotEqualTo(before);
    }

    private static String configHash(ManifestOptions.Tls tls) throws DriverException {
        return templates(Manifests.of(
                                Pipelines.plain("p", "c", 1), Pipelines.real().with(Map.of("c", tls)))
                        .all())
                .getFirst()
                .getMetadata()
                .getAnnotations()
                .get("fiso.io/config");
    }

    @Test
    void showsNoPrivateKeyWhereNobodyAskedForSecrets() throws Exception {
        var tls = new ManifestOptions.Tls("the authority", "the certificate", "the private key");
        var options =
                Pipelines.options(new ManifestOptions.Secrets.Placeholders()).with(Map.of("c", tls));

        assertThat(Manifests.of(Pipelines.plain("p", "c", 1), options).yaml())
                .contains("tls.key: \"REPLACE-ME\"")
                .doesNotContain("the private key");
        assertThat(options.toString()).doesNotContain("the private key");
    }

    @Test
    void isTheSameEveryTimeAndComesBackFromItsYaml() throws Exception {
        Manifests manifests = Manifests.of(Pipelines.orders(), Pipelines.real());

        assertThat(manifests.yaml())
                .isEqualTo(Manifests.of(Pipelines.orders(), Pipelines.real()).yaml());
        List<HasMetadata> read = Serialization.unmarshal(manifests.yaml());
        assertThat(read).isEqualTo(manifests.all());
    }

    @Test
    void keepsSecretsInSecretsAlone() throws Exception {
        List<HasMetadata> all =
                Manifests.of(Pipelines.orders(), Pipelines.real()).all();

        assertThat(all.stream().filter(o -> !(o instanceof Secret)).map(Serialization::asYaml))
                .isNotEmpty()
                .noneMatch(yaml -> yaml.contains(Pipelines.SECRET) || yaml.contains(Pipelines.TOKEN));
        Secret out = of(all, Secret.class, "out");
        assertThat(out.getStringData()).containsOnlyKeys("token", "env.URL");
        assertThat(of(all, Secret.class, "in").getStringData().get("config.json"))
                .contains(Pipelines.SECRET);
        assertThat(of(all, ConfigMap.class, "in").getData()).containsOnlyKeys("shown.json");
        EnvVar url = variable(of(all, Deployment.class, "out"), "URL");
        assertThat(url.getValue()).isNull();
        assertThat(url.getValueFrom().getSecretKeyRef().getKey()).isEqualTo("env.URL");
    }

    @Test
    void letsTheContractWinAndTakesValuesLiterally() throws Exception {
        Deployment out = of(Manifests.of(Pipelines.orders(), Pipelines.real()).all(), Deployment.class, "out");

        assertThat(variable(out, "FISO_TOKEN").getValueFrom().getSecretKeyRef().getKey())
                .isEqualTo("token");
        assertThat(variable(out, "LEVEL").getValue()).isEqualTo("debug $$(HOME)");
        assertThat(container(out.getSpec().getTemplate()).getEnv())
                .extracting(EnvVar::getName)
                .doesNotHaveDuplicates()
                .doesNotContain("FISO_REPLICA", "FISO_CONTROL_FILE");
    }

    @Test
    void runsOneReplicaInADeploymentThatNeverHasTwoPodsAndMoreInAStatefulSet() throws Exception {
        List<HasMetadata> all =
                Manifests.of(Pipelines.orders(), Pipelines.real()).all();

        assertThat(of(all, Deployment.class, "in").getSpec().getStrategy().getType())
                .isEqualTo("Recreate");
        StatefulSet normalize = of(all, StatefulSet.class, "normalize");
        assertThat(normalize.getSpec().getReplicas()).isEqualTo(3);
        assertThat(normalize.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        Service service = of(all, Service.class, "normalize");
        assertThat(normalize.getSpec().getServiceName())
                .isEqualTo(service.getMetadata().getName());
        assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
    }

    @Test
    void satisfiesTheRestrictedPodSecurityStandard() throws Exception {
        for (PodTemplateSpec template :
                templates(Manifests.of(Pipelines.orders(), Pipelines.real()).all())) {
            var pod = template.getSpec();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getVolumes()).allMatch(v -> v.getHostPath() == null);
            var security = container(template).getSecurityContext();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(container(template).getVolumeMounts())
                    .anyMatch(m -> m.getMountPath().equals("/tmp"));
        }
    }

    @Test
    void givesPodsTimeToDrain() throws Exception {
        assertThat(templates(Manifests.of(Pipelines.orders(), Pipelines.real()).all()))
                .hasSize(3)
                .allMatch(t -> t.getSpec().getTerminationGracePeriodSeconds() == 41);
    }

    @Test
    void probesHealthOnThePortThatTheComponentIsToldToListenOn() throws Exception {
        for (PodTemplateSpec template :
                templates(Manifests.of(Pipelines.orders(), Pipelines.real()).all())) {
            Container container = container(template);
            assertThat(Stream.of(
                            container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe()))
                    .allMatch(p -> p.getHttpGet().getPath().equals("/health")
                            && p.getHttpGet().getPort().getStrVal().equals("http"));
            int port = container.getPorts().stream()
                    .filter(p -> p.getName().equals("http"))
                    .findFirst()
                    .orElseThrow()
                    .getContainerPort();
            assertThat(container.getEnv())
                    .anyMatch(e -> e.getName().equals("FISO_HTTP_LISTEN")
                            && e.getValue().endsWith(":" + port));
        }
    }

    @Test
    void takesTheImageOfTheTypeOrTheComponentsOwn() throws Exception {
        List<HasMetadata> all =
                Manifests.of(Pipelines.orders(), Pipelines.real()).all();

        assertThat(container(of(all, Deployment.class, "in").getSpec().getTemplate())
                        .getImage())
                .isEqualTo("registry.example/fiso/kafka-source:1.2.3");
        Container out = container(of(all, Deployment.class, "out").getSpec().getTemplate());
        assertThat(out.getImage()).isEqualTo("registry.example/mine:1");
        assertThat(out.getArgs()).containsExactly("--fast");
    }

    @Test
    void refusesACommandThatHasNoImage() {
        var command = new ResolvedComponent.Launch.Command(List.of("./enrich.py"), Path.of("."));
        var pipeline = Pipelines.of("p", Pipelines.component("enrich", command, 1));

        assertThatThrownBy(() -> Manifests.of(pipeline, Pipelines.real()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("\"enrich\"")
                .hasMessageContaining("./enrich.py")
                .hasMessageContaining("drivers: {kubernetes: {image: ...}}");
    }

    @Test
    void selectsPodsByLabelsThatTheyHaveAndThatNoOtherComponentHas() throws Exception {
        List<HasMetadata> all =
                Manifests.of(Pipelines.orders(), Pipelines.real()).all();
        Set<Object> selectors = new HashSet<>();
        for (HasMetadata object : all) {
            if (object instanceof Service service) {
                assertThat(selectors.add(service.getSpec().getSelector())).isTrue();
            }
            if (object instanceof Deployment deployment) {
                assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                        .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
            }
            assertThat(object.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/managed-by", "fiso")
                    .containsEntry("app.kubernetes.io/part-of", "orders")
                    .containsKeys("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version");
        }
        assertThat(selectors).hasSize(3);
    }

    @Test
    void ownsEverythingByTheRoot() throws Exception {
        Manifests manifests = Manifests.of(Pipelines.orders(), Pipelines.real());
        ConfigMap stored = new ConfigMapBuilder(manifests.root())
                .editMetadata()
                .withUid("u-1")
                .endMetadata()
                .build();

        assertThat(manifests.ownedBy(stored))
                .hasSize(13)
                .allSatisfy(object -> assertThat(object.getMetadata().getOwnerReferences())
                        .singleElement()
                        .satisfies(owner -> {
                            assertThat(owner.getUid()).isEqualTo("u-1");
                            assertThat(owner.getKind()).isEqualTo("ConfigMap");
                            assertThat(owner.getName())
                                    .isEqualTo(manifests.root().getMetadata().getName());
                        }));
        assertThat(manifests.dependents())
                .allMatch(o -> o.getMetadata().getOwnerReferences().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "9", "Orders", "0123456789-0123456789-0123456789-0123456789-0123456789-abcdefgh"})
    void keepsNamesWithinTheLimitsOfDns(String name) {
        for (String made : List.of(Names.root(name), Names.component(name, name))) {
            assertThat(made).matches("[a-z]([-a-z0-9]*[a-z0-9])?").hasSizeLessThanOrEqualTo(52);
        }
    }

    @Test
    void neverGivesTwoThingsOneName() {
        Set<String> names = new HashSet<>();
        List<String> parts = List.of("a", "A", "b", "a-b", "b-c", "c", "a-", "a".repeat(63), "a".repeat(62) + "b");
        for (String pipeline : parts) {
            assertThat(names.add(Names.root(pipeline))).isTrue();
            for (String component : parts) {
                assertThat(names.add(Names.component(pipeline, component))).isTrue();
            }
        }
    }

    private static void compare(String file, String yaml) throws IOException {
        Path golden = GOLDEN.resolve(file);
        if (Boolean.getBoolean("fiso.golden.write")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, HEADER + yaml);
        }
        assertThat(HEADER + yaml)
                .as("%s; if the change is meant, write it anew with -Dfiso.golden.write=true", golden)
                .isEqualTo(Files.readString(golden));
    }

    private static <T extends HasMetadata> T of(List<HasMetadata> all, Class<T> type, String component) {
        return all.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(o -> component.equals(o.getMetadata().getLabels().get("fiso.io/component")))
                .findFirst()
                .orElseThrow();
    }

    private static List<PodTemplateSpec> templates(List<HasMetadata> all) {
        return all.stream()
                .flatMap(o -> switch (o) {
                    case Deployment d -> Stream.of(d.getSpec().getTemplate());
                    case StatefulSet s -> Stream.of(s.getSpec().getTemplate());
                    default -> Stream.<PodTemplateSpec>empty();
                })
                .toList();
    }

    private static Container container(PodTemplateSpec template) {
        return template.getSpec().getContainers().getFirst();
    }

    private static EnvVar variable(Deployment deployment, String name) {
        return container(deployment.getSpec().getTemplate()).getEnv().stream()
                .filter(e -> e.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
