// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import java.util.Map;

/**
 * What a pipeline does not say about where it runs.
 *
 * @param namespace the namespace of every object
 * @param imagePrefix registry and path of the images of components with a type, without a "/" at the end
 * @param version the tag of those images
 * @param controlPlane host:port of the control plane, as pods reach it
 * @param run the run's id
 * @param secrets what stands for secrets
 * @param tls by component id, what its pods prove themselves with and whom they trust; a component that is not in it talks in the clear
 */
public record ManifestOptions(
        String namespace,
        String imagePrefix,
        String version,
        String controlPlane,
        String run,
        Secrets secrets,
        Map<String, Tls> tls) {
    public ManifestOptions {
        tls = Map.copyOf(tls);
    }

    /** Without TLS. */
    public ManifestOptions(
            String namespace, String imagePrefix, String version, String controlPlane, String run, Secrets secrets) {
        this(namespace, imagePrefix, version, controlPlane, run, secrets, Map.of());
    }

    /** The same, with TLS for these components. */
    public ManifestOptions with(Map<String, Tls> certificates) {
        return new ManifestOptions(namespace, imagePrefix, version, controlPlane, run, secrets, certificates);
    }

    /**
     * What one component's pods prove themselves with; all replicas share it, as they share a template. Each is a text in PEM.
     *
     * @param authority the certificates of whom they trust
     * @param certificate their own, with what leads from it to the authority
     * @param key its private key
     */
    public record Tls(String authority, String certificate, String key) {
        /** Shows no key. */
        @Override
        public String toString() {
            return "Tls[]";
        }
    }

    /** What Secret objects hold. */
    public sealed interface Secrets {
        /** The values themselves, with the run's token. */
        record Real(String token) implements Secrets {
            /** Shows no token. */
            @Override
            public String toString() {
                return "Real[]";
            }
        }

        /** {@link #PLACEHOLDER} for each, and configs with their secrets masked: for eyes and version control. */
        record Placeholders() implements Secrets {}
    }

    /** What a value reads that is to be filled in. */
    public static final String PLACEHOLDER = "REPLACE-ME";

    /** The value, or what stands for it. */
    String secret(String value) {
        return secrets instanceof Secrets.Real ? value : PLACEHOLDER;
    }

    String token() {
        return secrets instanceof Secrets.Real real ? real.token() : PLACEHOLDER;
    }
}
