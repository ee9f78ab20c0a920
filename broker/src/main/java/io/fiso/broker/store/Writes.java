// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.function.Function;

/** Who has writes committed. */
interface Writes {
    /** @param freeing whether the write makes room, and so is let through when there is none */
    <R> R write(Durability durability, boolean freeing, Function<Change, R> function);

    /** Ends; whoever still waits is refused. Answers whether the last commit is over. */
    boolean close();
}
