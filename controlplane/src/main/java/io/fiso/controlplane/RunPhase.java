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

    /** Not every component has been healthy yet. */
    record Starting() implements Live {
        Running run() {
            return new Running();
        }

        Draining drain(long sinceMillis, long deadlineMillis) {
            return new Draining(sinceMillis, deadlineMillis);
        }
    }

    /** Every component has been healthy once. */
    record Running() implements Live {
        Draining drain(long sinceMillis, long deadlineMillis) {
            return new Draining(sinceMillis, deadlineMillis);
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

        Ended ended() {
            return new Ended(outcome);
        }
    }

    /** Every component is confirmed dead. */
    record Ended(Outcome outcome) implements RunPhase {}

    /** The order of the end: each stage contains those before it. */
    enum Stage {
        SOURCES,
        PROCESSORS,
        ALL
    }
}
