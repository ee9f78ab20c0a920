// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.SourceContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A source that waits to be stopped, or does not care when it is deaf; files in its state directory say where it is. */
final class TinySource implements EventSource {
    private boolean deaf;

    record Config(boolean deaf) {}

    public static void main(String[] args) {
        FisoComponent.run(new TinySource(), args);
    }

    @Override
    public void open(SourceContext context) {
        deaf = context.config(Config.class).deaf();
    }

    @Override
    public void run(SourceContext context) throws Exception {
        mark(context, "running");
        while (!context.stopping()) {
            context.await(Duration.ofMillis(50));
        }
        mark(context, "stopping");
        while (deaf) {
            Thread.sleep(50);
        }
    }

    private static void mark(SourceContext context, String what) throws java.io.IOException {
        Path file = context.stateDirectory().resolve(what);
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }
}
