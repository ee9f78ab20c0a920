// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/** How one kind of fault goes about it. It strikes once, and sees to it that it heals. */
interface Disruption {
    void strike(Simulation simulation, Fault fault);
}
