// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/**
 * Where an instance works: one replica of one component.
 *
 * @param index counts all places of a pipeline
 * @param component the component's index in its topology
 * @param replica the replica's index
 * @param shape the component
 */
record Place(int index, int component, int replica, Topology.Component shape) {
    @Override
    public String toString() {
        return shape.name() + (replica == 0 ? "" : "." + replica);
    }
}
