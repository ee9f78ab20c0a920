// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import java.util.regex.Pattern;

/**
 * A permission in namespaces.
 *
 * @param tenant a name, the beginning of names with {@code *} behind it, or {@code *} for all
 * @param namespace the same
 */
public record Grant(String tenant, String namespace, Permission permission) {
    private static final Pattern PART = Pattern.compile("\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\*?");

    public Grant {
        if (!PART.matcher(tenant).matches() || !PART.matcher(namespace).matches()) {
            throw new IllegalArgumentException("\"" + tenant + "/" + namespace
                    + "\" does not say which namespaces; it has the form tenant/namespace, each part a name, the beginning"
                    + " of one with * behind it, or *");
        }
    }

    /**
     * A grant as it is written.
     *
     * @param namespaces {@code tenant/namespace}
     * @throws IllegalArgumentException if it is not of this form
     */
    public static Grant parse(String namespaces, Permission permission) {
        int slash = namespaces.indexOf('/');
        return slash < 0
                ? new Grant(namespaces, "", permission)
                : new Grant(namespaces.substring(0, slash), namespaces.substring(slash + 1), permission);
    }

    boolean allows(Permission needed, String inTenant, String inNamespace) {
        return permission.includes(needed) && matches(tenant, inTenant) && matches(namespace, inNamespace);
    }

    private static boolean matches(String pattern, String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }

    /** Which namespaces: {@code tenant/namespace}. */
    public String namespaces() {
        return tenant + "/" + namespace;
    }
}
