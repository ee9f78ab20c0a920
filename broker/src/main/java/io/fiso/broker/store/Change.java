// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.function.Supplier;

/**
 * A view that can be written to, and shows what was written. It is shared by all the writes that are committed together; each either leaves all of
 * its changes or, if it throws, none.
 */
public interface Change extends View {
    void put(String table, byte[] key, byte[] value);

    /** Whether there was such a key. */
    boolean delete(String table, byte[] key);

    /** Removes a table with all that is in it, at a cost that does not depend on how much that is. Its name must not be used again in this commit. */
    void drop(String table);

    /**
     * What the writes of one commit do together, such as records of one partition that several callers append: made for the first of them, handed to
     * the others, and told to write itself before the commit. Until then its content is in no table.
     */
    <T extends Shared> T shared(Object key, Supplier<T> first);

    /** See {@link #shared}. */
    interface Shared {
        /** Writes. Called once, after the last of the writes; must not throw for anything that one of them could have been refused for. */
        void write(Change change);

        /**
         * Told once when what was written is as durable as its writes asked, before any of them is answered; never if the commit failed. Runs on the thread that
         * commits: brief, does not block, does not throw.
         */
        default void committed() {}
    }
}
