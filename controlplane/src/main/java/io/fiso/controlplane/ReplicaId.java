// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/**
 * One replica of a component of a run.
 *
 * @param component the component's id
 * @param index the replica index, from 0
 */
record ReplicaId(String component, int index) {
    @Override
    public String toString() {
        return component + "-" + index;
    }
}
