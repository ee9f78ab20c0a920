// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import io.fiso.driver.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The same contract against the API server that FISO_TEST_KUBECONFIG names: kube-apiserver with etcd, without controllers or nodes, since these are played. In namespaces
 * of its own, fiso-test-…. The driver is another user there, who may do no more than {@link Rights} says.
 */
class RealKubernetesTest extends KubernetesDriverContract {
    private static final String KUBECONFIG = "FISO_TEST_KUBECONFIG";

    @Override
    KubernetesClient connect() {
        return TestUser.administrator(KUBECONFIG);
    }

    @Override
    KubernetesClient connectAsDriver() {
        return TestUser.client(KUBECONFIG);
    }

    @Override
    void permit() {
        TestUser.permit(client, namespace);
    }

    @Test
    void waitsForTheKubeletAndTellsHowThePodEndedInTheEnd() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        platform.kubeletHeld = true;
        Instance instance = driver.start(launch("p", "c", 0));
        Pod pod = platform.pod("p", "c", 0);
        platform.kubelet(pod, Statuses.running());

        CompletableFuture<Status.Ended> stop = stopInBackground(instance);

        Waiting.until(
                "the pod being told to end",
                () -> client.resource(pod).get().getMetadata().getDeletionTimestamp() != null);
        assertThat(instance.inspect()).isEqualTo(new Status.Running());
        assertThat(stop).isNotDone();
        // Both at once, as a kubelet does.
        platform.kubelet(pod, Statuses.ended("Completed", 0, ""));
        platform.forget(pod);
        assertThat(stop.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.exit(0));
    }

    @Test
    void changesNoVolumesUnderRunningPods() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 2), options());
        driver.start(launch("p", "c", 0));

        assertThatThrownBy(() -> driver.prepare(
                        Pipelines.of("p", Pipelines.onVolume(Pipelines.image("c", "i:1", 2), "1Gi")), options()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("cannot be changed so while it has pods")
                .hasMessageContaining("stop the pipeline first");
    }

    @Test
    void saysWhatItIsNotAllowed() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 1), options());
        client.rbac()
                .roleBindings()
                .inNamespace(namespace)
                .withName(TestUser.NAME)
                .delete();

        Waiting.until("the right being gone", () -> {
            try {
                driver.remove("p");
                return false;
            } catch (DriverException e) {
                assertThat(e.code()).isEqualTo("driver.forbidden");
                assertThat(e).hasMessageContaining("403").hasMessageContaining(TestUser.NAME);
                return true;
            }
        });
    }
}
