// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One control plane per directory: held by the operating system, so it ends with the process, however that ends. */
final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    static HomeLock take(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("control.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // Held by this very process.
        }
        if (lock == null) {
            channel.close();
            throw taken(home);
        }
        return new HomeLock(channel);
    }

    private static ControlPlaneException taken(Path home) {
        Optional<ControlFile> owner = ControlFile.findLive(home);
        String who = owner.map(file -> "process " + file.pid() + " at " + file.grpcAddress()
                        + (file.pipeline().isEmpty()
                                ? ""
                                : " runs pipeline \"" + file.pipeline() + "\" (run " + file.run() + ")"))
                .orElse("another process holds " + home.resolve("control.lock"));
        return new ControlPlaneException(
                Kind.EXISTS,
                "controlplane.already_running",
                "a control plane is running here already: " + who
                        + "; stop it first, or give this pipeline another name");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
