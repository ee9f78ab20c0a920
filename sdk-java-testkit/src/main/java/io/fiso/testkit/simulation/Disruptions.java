// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Progress;
import org.jspecify.annotations.Nullable;

/** The faults, each as a class of its own. */
final class Disruptions {
    private Disruptions() {}

    /** The process is killed and comes back as a new generation. */
    static final class Crash implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            Place place = simulation.place(fault);
            Instance instance = simulation.fleet().at(place);
            if (instance != null) {
                simulation.bury(instance);
                simulation.controlPlane().launchSoon(place);
            }
        }
    }

    /** The process is cut off and replaced, and comes back to life beside its replacement; a source is killed. */
    static final class Zombie implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            Place place = simulation.place(fault);
            Instance instance = simulation.fleet().at(place);
            if (instance == null) {
                return;
            }
            if (instance.isSource()) {
                simulation.bury(instance);
            } else {
                haunt(simulation, instance);
            }
            simulation.controlPlane().launchSoon(place);
        }

        static void haunt(Simulation simulation, Instance instance) {
            simulation.disturbed();
            simulation.fleet().leave(instance.place());
            instance.freeze();
            simulation.after(simulation.delay() * 20, instance::thaw);
            simulation.at(simulation.ghostsEnd(), instance::kill);
        }
    }

    /**
     * A source or processor is replaced, and goes on beside its replacement as if nothing had happened. What a sink does outside cannot be
     * fenced; a replacement of it starts only when it is dead, or cut off from the outside.
     */
    static final class Linger implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            Place place = simulation.place(fault);
            Instance instance = simulation.fleet().at(place);
            if (instance == null) {
                return;
            }
            if (instance.isSink()) {
                Zombie.haunt(simulation, instance);
            } else {
                simulation.disturbed();
                simulation.fleet().leave(place);
                instance.linger();
                simulation.at(simulation.ghostsEnd(), () -> {
                    simulation.disturbed();
                    instance.kill();
                });
            }
            simulation.controlPlane().launchSoon(place);
        }
    }

    /** A replica of a processor or sink dies, or is cut off for good, and is out for a while: the others take over its keys. */
    static final class ReplicaOut implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            Place place = simulation.place(fault);
            Instance instance = simulation.fleet().at(place);
            ControlPlane controlPlane = simulation.controlPlane();
            if (instance == null || controlPlane.away()) {
                return;
            }
            if (instance.isSource() || simulation.schedule().replicas().get(place.component()) == 1) {
                simulation.bury(instance);
                controlPlane.launchSoon(place);
                return;
            }
            if (simulation.mutation().fencesTheLiving()) {
                simulation.fleet().leave(place);
                simulation.at(simulation.ghostsEnd(), instance::kill);
            } else if ((fault.atNanos() & 1) == 0) {
                Zombie.haunt(simulation, instance);
            } else {
                simulation.bury(instance);
            }
            controlPlane.declareOut(place);
            simulation.after(fault.forNanos(), () -> controlPlane.takeIn(place));
        }
    }

    /** The control plane is gone: nothing is started or wired meanwhile. */
    static final class ControlPlaneAway implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.controlPlane().leave();
            boolean quiet = quiet(simulation, fault);
            long before = simulation.world().moved;
            simulation.after(fault.forNanos(), () -> {
                if (quiet) {
                    simulation.flowedAlone(simulation.world().moved - before, fault.forNanos());
                }
                simulation.controlPlane().comeBack();
            });
        }

        /** Whether nothing but this goes wrong: then data must flow. */
        private static boolean quiet(Simulation simulation, Fault fault) {
            long until = fault.atNanos() + fault.forNanos();
            for (Fault other : simulation.schedule().faults()) {
                boolean before = other.atNanos() + other.forNanos() + 10 * Schedule.MILLIS < fault.atNanos();
                if (other != fault && !before && other.atNanos() <= until) {
                    return false;
                }
            }
            boolean flows = simulation.schedule().onFailure() == OnFailure.DEAD_LETTER
                    || simulation.schedule().onFailure() == OnFailure.SKIP;
            return flows
                    && simulation.fleet().complete()
                    && !simulation.fleet().haunted()
                    && simulation.fleet().atWork().stream().allMatch(ControlPlaneAway::flows);
        }

        /**
         * Who has no wiring yet knows no inputs, and cannot get any while the control plane is away; who says that it holds back, since dead
         * letters could not be written, tries again in its own time.
         */
        private static boolean flows(Instance instance) {
            Progress progress = instance.core().progress();
            return (instance.isSource() || !progress.inputs().isEmpty())
                    && progress.inputs().stream().allMatch(Progress.Edge::connected)
                    && progress.holding().isEmpty();
        }
    }

    /** Nothing goes wrong: the whole pipeline is stopped as a user stops it, and started again. */
    static final class DrainAndStart implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            new Drain(simulation).begin(simulation.now() + fault.forNanos());
        }
    }

    /** Nothing goes wrong: the run is paused for a while, its sources as well that are started meanwhile. */
    static final class Pause implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.controlPlane().pause();
            simulation.after(fault.forNanos(), simulation.controlPlane()::resume);
        }
    }

    /** Nothing goes wrong: partitions move on to other replicas of a source, or leave and come back where there is one. */
    static final class Rebalance implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.group(fault.component() % simulation.world().sources).rotate();
        }
    }

    /** A source loses a partition without a chance to settle anything of it. */
    static final class PartitionLost implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            int partition = (int) (fault.atNanos() % simulation.schedule().partitions());
            simulation.group(fault.component() % simulation.world().sources).lose(partition);
        }
    }

    /** Every connection of the component breaks, with what is on it. */
    static final class Disconnect implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            @Nullable Instance instance = simulation.fleet().at(simulation.place(fault));
            if (instance != null) {
                instance.disconnect();
            }
        }
    }

    /** A sink's outside fails every attempt transiently. */
    static final class Outage implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.outageUntil(fault.component(), simulation.now() + fault.forNanos());
        }
    }

    /** A sink's outside refuses everything for good. */
    static final class EverythingPoison implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            // A run that fails of it is started again when it is mended, which is not before this is over.
            if (simulation.schedule().onFailure() != OnFailure.FAIL) {
                simulation.poisonUntil(fault.component(), simulation.now() + fault.forNanos());
            }
        }
    }

    /** User code does not answer. */
    static final class Block implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.blockUntil(fault.component(), simulation.now() + fault.forNanos());
        }
    }

    /** The dead letter store refuses. */
    static final class DeadLettersDown implements Disruption {
        @Override
        public void strike(Simulation simulation, Fault fault) {
            simulation.deadLettersDownUntil(simulation.now() + fault.forNanos());
        }
    }
}
