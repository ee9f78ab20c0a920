// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.util.List;

/** What the driver has to be allowed, in the one namespace that it works in. */
public final class Rights {
    private static final String CORE = "";
    private static final String APPS = "apps";
    private static final List<String> ALL = List.of("get", "list", "watch", "create", "update", "delete");

    private Rights() {}

    /** The rules of a Role. */
    public static List<PolicyRule> rules() {
        return List.of(
                rule(CORE, List.of("configmaps", "secrets", "services", "serviceaccounts"), ALL),
                rule(APPS, List.of("deployments", "statefulsets"), ALL),
                rule(APPS, List.of("replicasets"), List.of("list")),
                rule(CORE, List.of("pods"), List.of("get", "list", "watch", "delete")),
                rule(CORE, List.of("pods/log"), List.of("get")),
                rule(CORE, List.of("events"), List.of("list")));
    }

    private static PolicyRule rule(String group, List<String> resources, List<String> verbs) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resources)
                .withVerbs(verbs)
                .build();
    }
}
