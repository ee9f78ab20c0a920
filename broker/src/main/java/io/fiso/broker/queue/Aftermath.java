// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.catalogue.Resource;
import java.util.ArrayList;
import java.util.List;

/** What is to happen once a write is committed: jobs became visible, or will. A write that runs again starts a new one. */
final class Aftermath {
    private final List<Visible> visible = new ArrayList<>();

    private int deadLetters;

    /** @param lastLease whether that is when the job becomes a dead letter */
    record Visible(Resource queue, long millis, boolean lastLease) {}

    void visible(Resource queue, long millis, boolean lastLease) {
        visible.add(new Visible(queue, millis, lastLease));
    }

    /** A job has become a dead letter. */
    void deadLetter() {
        deadLetters++;
    }

    int deadLetters() {
        return deadLetters;
    }

    List<Visible> visible() {
        return visible;
    }
}
