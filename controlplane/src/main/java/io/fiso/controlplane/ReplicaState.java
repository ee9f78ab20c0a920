// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/** Where one replica stands in its life. A launch is numbered, so that news of an earlier one is told apart. */
sealed interface ReplicaState {
    /** To be launched at a time. */
    record Waiting(long untilMillis, String reason) implements ReplicaState {
        Launching launch(int number) {
            return new Launching(number);
        }
    }

    /** Something may exist by now. */
    sealed interface Launched extends ReplicaState {
        int launch();

        /** The driver is asked to end it; what follows, follows when it is confirmed dead (guarantee D8). */
        default Stopping stop(String reason, boolean again) {
            return new Stopping(launch(), reason, again);
        }
    }

    /** The driver was asked to start it. */
    record Launching(int launch) implements Launched {
        Up up() {
            return new Up(launch);
        }
    }

    /** The driver has started it. */
    record Up(int launch) implements Launched {}

    /**
     * The driver was asked to end it.
     *
     * @param again whether it is launched again afterwards
     */
    record Stopping(int launch, String reason, boolean again) implements Launched {}

    /** Ended, and not started again. */
    record Gone(String reason) implements ReplicaState {}

    /** Its restart budget is spent. */
    record CrashLoop(String reason) implements ReplicaState {}
}
