// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One control plane per directory: held by the operating system, so it ends with the process, however that ends. */
final class HomeLock implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock. Who only reads the history holds it for a moment, so this waits a while, unless a control plane that lives is known.
     *
     * @throws ControlPlaneException if a control plane holds it
     */
    static HomeLock take(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("control.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!locked(channel)) {
                if (ControlFile.findLive(home).isPresent() || System.nanoTime() - deadline > 0) {
                    channel.close();
                    throw taken(home);
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + home.resolve("control.lock"));
        }
        return new HomeLock(channel);
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            @Nullable FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException _) {
            // Held by this very process.
            return false;
        }
    }

    private static ControlPlaneException taken(Path home) {
        Optional<ControlFile> owner = ControlFile.findLive(home);
        boolean server = owner.filter(ControlFile::server).isPresent();
        boolean itself = server && owner.get().pipeline().isEmpty();
        String who = owner.map(file -> (file.server() && !file.pipeline().isEmpty() ? "the server, " : "") + "process "
                        + file.pid() + " at " + file.grpcAddress() + what(file))
                .orElse("another process holds " + home.resolve("control.lock"));
        return new ControlPlaneException(
                Kind.EXISTS,
                "controlplane.already_running",
                (itself ? "a server" : "a control plane") + " is running here already: " + who
                        + (itself
                                ? "; use that one, or end it first"
                                : "; stop it first, or give this pipeline another name"));
    }

    private static String what(ControlFile file) {
        if (file.pipeline().isEmpty()) {
            return "";
        }
        return ", runs pipeline \"" + file.pipeline() + "\""
                + (file.run().isEmpty() ? "" : " (run " + file.run() + ")");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
