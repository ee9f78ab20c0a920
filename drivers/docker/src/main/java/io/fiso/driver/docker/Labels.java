// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.LaunchSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is written on containers and networks. The mark alone says whose a container is; the others are for people and their tools. */
final class Labels {
    static final String PIPELINE = "io.fiso.pipeline";
    static final String RUN = "io.fiso.run";
    static final String COMPONENT = "io.fiso.component";
    static final String REPLICA = "io.fiso.replica";
    static final String MARK = "io.fiso.mark";

    /** On a network that a driver made; only such a one is removed. */
    static final String NETWORK = "io.fiso.network";

    private Labels() {}

    static Map<String, String> of(LaunchSpec spec) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(PIPELINE, spec.pipeline());
        labels.put(RUN, spec.run());
        labels.put(COMPONENT, spec.component());
        labels.put(REPLICA, Integer.toString(spec.replica()));
        labels.put(MARK, spec.mark());
        return labels;
    }
}
