// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;

/** Whom the driver is in tests: a user who may do no more than {@link Rights} says, and only where it is permitted. */
final class TestUser {
    static final String NAME = "fiso-test-driver";
    private static final String RBAC = "rbac.authorization.k8s.io";

    private TestUser() {}

    /** A client for whoever the kubeconfig is for, which an environment variable names; without it the test is skipped. */
    static KubernetesClient administrator(String variable) {
        return new KubernetesClientBuilder().withConfig(config(variable)).build();
    }

    /** A client for the user. */
    static KubernetesClient client(String variable) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config(variable))
                        .withImpersonateUsername(NAME)
                        .build())
                .build();
    }

    private static Config config(String variable) {
        String file = System.getenv(variable);
        assumeTrue(file != null && !file.isBlank(), variable + " names no kubeconfig, so this is not tested");
        return Config.fromKubeconfig(new File(file));
    }

    /** Lets the user work in a namespace. */
    static void permit(KubernetesClient administrator, String namespace) {
        administrator
                .resource(new RoleBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withRules(Rights.rules())
                        .build())
                .create();
        administrator
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef()
                        .withApiGroup(RBAC)
                        .withKind("Role")
                        .withName(NAME)
                        .endRoleRef()
                        .addNewSubject()
                        .withApiGroup(RBAC)
                        .withKind("User")
                        .withName(NAME)
                        .endSubject()
                        .build())
                .create();
    }
}
