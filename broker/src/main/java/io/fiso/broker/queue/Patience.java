// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** How a caller that waits is told that nobody wants the answer any more. */
public interface Patience {
    /** Of a caller that waits as long as it said. */
    Patience UNLIMITED = new Patience() {
        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public void whenOver(Runnable run) {}
    };

    boolean isOver();

    /** Runs this when it is over, at once if it is; on any thread. */
    void whenOver(Runnable run);
}
