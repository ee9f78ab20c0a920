// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

/**
 * What a pipeline does not say about where it runs.
 *
 * @param namespace the namespace of every object
 * @param imagePrefix registry and path of the images of components with a type, without a "/" at the end
 * @param version the tag of those images
 * @param controlPlane host:port of the control plane, as pods reach it
 * @param run the run's id
 * @param secrets what stands for secrets
 */
public record ManifestOptions(
        String namespace, String imagePrefix, String version, String controlPlane, String run, Secrets secrets) {
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
