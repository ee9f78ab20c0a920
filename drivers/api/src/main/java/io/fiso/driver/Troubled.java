// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.util.Optional;

/**
 * An instance on a platform that starts it again by itself ({@link Capabilities#restartsItself}), and so stays {@link Status.Running} through troubles that would
 * end it elsewhere: an image that cannot be pulled, no node with room, one crash after another.
 */
public interface Troubled extends Instance {
    /**
     * What keeps it from running now, or ended its last life; empty while it is well. Asks the platform; does not block for long. The first trouble of an instance that has
     * never run is its first error.
     */
    Optional<Trouble> trouble();

    /**
     * One trouble.
     *
     * @param code stable and dotted: {@code driver.image_pull}
     * @param message what was found, in the platform's words where it has any, and what to do
     */
    record Trouble(String code, String message) {}
}
