// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.util.Optional;

/**
 * Starts components somewhere: as processes, containers or pods. All methods may be called from any thread.
 *
 * <ol>
 *   <li>A driver holds what all its instances share; constructing it does no I/O. {@link #close} releases that, is idempotent, and <em>leaves
 *       running instances running</em>: ending them is a decision of its own ({@link Instance#stop}).
 *   <li>{@link #start} returns when the instance has been created, not when it is ready. If it throws, nothing of the instance exists. It may
 *       block up to 30 s.
 *   <li>Starting never waits for, touches or replaces another instance of the same component: whoever calls makes sure that the
 *       old one is dead (guarantee D8).
 *   <li>The instance gets exactly the environment of its {@link LaunchSpec} and what the contract lists beside it; nothing of this
 *       process's own environment.
 *   <li>Instances outlive this process: a {@link Handle} is data, and {@link #recover} finds the instance again, in another process too, and never
 *       takes a stranger for it (guarantee D11).
 *   <li>What a driver can and cannot do stands in {@link #capabilities}; it is not found out by failing.
 * </ol>
 */
public interface Driver extends AutoCloseable {
    /** The name by which a pipeline asks for it, and which its handles carry: {@code process}. */
    String name();

    /** What it can do. Constant. */
    Capabilities capabilities();

    /**
     * How instances will reach the control plane. Prepares what that takes (a network), so that the control plane can listen before the first of them
     * starts; may block up to 30 s.
     *
     * @throws DriverException {@code driver.unavailable} if the platform does not answer, {@code driver.unreachable} if its instances cannot reach this
     *     machine
     */
    Reach reach() throws DriverException;

    /**
     * A handle that finds the instance of this launch by its mark alone. Stored before {@link #start}, it leaves nothing unknown if the caller dies
     * before it could store the instance's own. Does no I/O.
     */
    Handle intent(LaunchSpec spec);

    /** Creates one instance. */
    Instance start(LaunchSpec spec) throws DriverException;

    /**
     * Finds what was started earlier, here or by a process that is gone. Empty if it does not exist any more, or if what is found in its place cannot
     * be proven to be it.
     *
     * @throws DriverException if the handle is another driver's or of a version this one does not read, or the platform cannot be asked
     */
    Optional<Instance> recover(Handle handle) throws DriverException;

    @Override
    void close();
}
