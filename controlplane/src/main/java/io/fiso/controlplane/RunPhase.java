// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/** Where a run stands. A transition is a method of the phase that allows it. */
sealed interface RunPhase {
    /** A phase in which components are kept alive. */
    sealed interface Live extends RunPhase {
        /** Components are ended, stage by stage. */
        default Ending end(Outcome outcome) {
            return new Ending(outcome, Stage.SOURCES);
        }
    }

    /** A phase in which sources are open. */
    sealed interface Open extends Live {
        default Draining drain(long sinceMillis, long deadlineMillis) {
            return new Draining(sinceMillis, deadlineMillis);
        }

        default Paused pause(String reason) {
            return new Paused(reason);
        }
    }

    /** Not every component has been healthy yet. */
    record Starting() implements Open {
        Running run() {
            return new Running();
        }
    }

    /** Every component has been healthy once. */
    record Running() implements Open {}

    /**
     * Held on request: sources emit nothing, and keep their place.
     *
     * @param reason who wanted it and why, for people
     */
    record Paused(String reason) implements Open {
        Running resume() {
            return new Running();
        }
    }

    /** Sources are closed; what is in flight settles, until the deadline. */
    record Draining(long sinceMillis, long deadlineMillis) implements Live {}

    /** Nothing is started any more; the components of this stage are told to end. */
    record Ending(Outcome outcome, Stage stage) implements RunPhase {
        Ending next() {
            return new Ending(outcome, Stage.values()[stage.ordinal() + 1]);
        }

        Ending all(Outcome instead) {
            return new Ending(instead, Stage.ALL);
        }

        Ended ended(long unsettled) {
            return new Ended(outcome instanceof Outcome.Stopped stopped ? stopped.leaving(unsettled) : outcome);
        }
    }

    /** Every component is confirmed dead. */
    record Ended(Outcome outcome) implements RunPhase {}

    /** The order of the end: each stage contains those before it. */
    enum Stage {
        SOURCES,
        PROCESSORS,
        ALL;

        boolean contains(Replica replica) {
            return switch (this) {
                case SOURCES -> replica.isSource();
                case PROCESSORS -> replica.isSource() || replica.isProcessor();
                case ALL -> true;
            };
        }
    }
}
