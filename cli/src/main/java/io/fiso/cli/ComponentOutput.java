// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Shows what the components of a run print on their standard output, as it comes, until closed; then what is left. */
final class ComponentOutput implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private record Followed(String component, boolean plain, FileFollower file) {}

    private final List<Followed> files = new ArrayList<>();
    private final Narrator narrator;
    private final Thread thread;
    private volatile boolean closed;

    private ComponentOutput(Narrator narrator) {
        this.narrator = narrator;
        this.thread = Thread.ofPlatform().name("component-output").daemon().unstarted(this::follow);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException _) {
            return 0;
        }
    }

    /** @param fromNow whether what they have printed so far is left out */
    static ComponentOutput follow(Path logs, ResolvedPipeline pipeline, Narrator narrator, boolean fromNow) {
        ComponentOutput output = new ComponentOutput(narrator);
        for (ResolvedComponent component : pipeline.components()) {
            boolean sink = component.kind() == ResolvedComponent.Kind.SINK;
            for (int replica = 0; replica < component.replicas(); replica++) {
                output.add(logs, component.id(), replica, sink, fromNow);
            }
        }
        output.thread.start();
        return output;
    }

    /** Of a run that is known by what its control plane says of it. */
    static ComponentOutput follow(Path logs, Run run, Narrator narrator, boolean fromNow) {
        ComponentOutput output = new ComponentOutput(narrator);
        for (ComponentStatus status : run.getComponentsList()) {
            boolean sink = status.getKind() == ComponentKind.COMPONENT_KIND_SINK;
            output.add(logs, status.getComponent(), status.getReplica(), sink, fromNow);
        }
        output.thread.start();
        return output;
    }

    /** Of a sink, printing is its job; of others it is chatter that needs a name. */
    private void add(Path logs, String component, int replica, boolean plain, boolean fromNow) {
        Path file = logs.resolve(component + "-" + replica + ".out");
        files.add(new Followed(component, plain, new FileFollower(file, fromNow ? size(file) : 0)));
    }

    private void follow() {
        try {
            while (!closed) {
                poll();
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private synchronized void poll() {
        for (Followed followed : files) {
            try {
                followed.file().poll(line -> narrator.output(followed.component(), line, followed.plain()));
            } catch (IOException _) {
                // Unreadable now; the next poll tries again.
            }
        }
    }

    /** To be called when the components have ended. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (Followed followed : files) {
            try {
                followed.file().finish(line -> narrator.output(followed.component(), line, followed.plain()));
            } catch (IOException _) {
                // What cannot be read cannot be shown; it stands in the file.
            }
        }
    }
}
