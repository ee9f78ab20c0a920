// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fiso.driver.Status;
import java.util.HashSet;
import java.util.Set;

/**
 * How the pods of one replica ended, as far as anybody has told. A kubelet writes how the container ended and takes the pod off the list in one go, so that whoever
 * asks from time to time finds nothing left to read; a watch is told of both. Methods may be called from any thread.
 */
final class PodEnds {
    private final Set<String> unheard = new HashSet<>();
    private Status.Ended last = Status.Ended.UNKNOWN;

    /** A pod as it was found, or as it has become. */
    synchronized void seen(Pod pod) {
        unheard.add(pod.getMetadata().getUid());
        read(pod);
    }

    /** A pod as it was last, of which nothing more will be heard. */
    synchronized void gone(Pod pod) {
        unheard.remove(pod.getMetadata().getUid());
        read(pod);
    }

    private void read(Pod pod) {
        PodReading reading = new PodReading(pod);
        // How the life before ended says nothing of this one.
        last = reading.running() ? Status.Ended.UNKNOWN : reading.lastEnd().orElse(last);
    }

    /** Whether the last word of every pod has been heard. */
    synchronized boolean complete() {
        return unheard.isEmpty();
    }

    /** How the last one ended. */
    synchronized Status.Ended last() {
        return last;
    }
}
