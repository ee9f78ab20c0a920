// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;

/**
 * The same contract against the API server that FISO_TEST_KUBECONFIG names: kube-apiserver with etcd, without controllers or nodes, since these are played. In namespaces
 * of its own, fiso-test-….
 */
class RealKubernetesTest extends KubernetesDriverContract {
    @Override
    KubernetesClient connect() {
        String file = System.getenv("FISO_TEST_KUBECONFIG");
        assumeTrue(
                file != null && !file.isBlank(),
                "FISO_TEST_KUBECONFIG names no kubeconfig, so the driver is tested against a mock only");
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(new File(file)))
                .build();
    }
}
