// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One start of a component. All methods may be called from any thread, at any time, any number of times.
 *
 * <ol>
 *   <li>An instance is {@link Status.Running} until it is {@link Status.Ended}, and never again Running after that.
 *   <li>Ended means confirmed: the instance and everything it started is dead, and its replacement may start (guarantee D8).
 *   <li>Nothing here ever acts on anything but this instance: if it cannot be proven that what is there is this instance, it is Ended.
 * </ol>
 */
public interface Instance {
    /** How to find it again. Constant. */
    Handle handle();

    /** Where it stands now; asks the platform. Does not block for long. */
    Status inspect();

    /**
     * Asks it to end, and ends it by force when {@code grace} is over; returns when it is confirmed dead. A zero grace kills at once. A second
     * call with a shorter grace shortens the first one's. An instance that has ended returns how it ended.
     *
     * @throws DriverException if its death cannot be confirmed within the grace and ten seconds more
     * @throws InterruptedException if the waiting thread is interrupted; what was begun goes on
     */
    Status.Ended stop(Duration grace) throws DriverException, InterruptedException;

    /**
     * Tells how it ended: exactly once per listener, on a thread of the driver's, at once if it has ended. The listener must not
     * block. Of a recovered instance too, though the exit code may then be unknown.
     */
    void onEnd(Consumer<Status.Ended> listener);

    /** The last lines it wrote to standard error, oldest first, at most {@code limit}, each cut at 2 000 characters. */
    List<String> lastErrorLines(int limit);

    /** Removes what a stopped instance leaves on the platform (a container, a pod). Stop is not destroy: logs and state stay until this, and files of the pipeline's beyond it. */
    void destroy() throws DriverException;
}
