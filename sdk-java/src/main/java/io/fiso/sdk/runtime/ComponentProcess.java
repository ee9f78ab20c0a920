// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import sun.misc.Signal;

/**
 * One component, run as this process until it is told to stop. SIGINT is ignored, since a terminal sends it to everyone; SIGTERM drains, a second one
 * ends at once. Both through signal handlers rather than a shutdown hook, so that a drained component can exit with status 0. Logs go to
 * stderr: stdout is the component's own.
 */
public final class ComponentProcess {
    private static final int ENDED_BY_SECOND_SIGNAL = 143;

    // Loggers are held weakly by the JDK; a lost one loses its level.
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger NETWORK = Logger.getLogger("io.grpc");
    private static final Logger LOST_CONNECTIONS = Logger.getLogger("io.grpc.netty.NettyServerHandler");

    private ComponentProcess() {}

    public static void run(EventSource source, String... args) {
        runToEnd(environment -> ComponentRuntime.of(source, environment), args);
    }

    public static void run(EventProcessor processor, String... args) {
        runToEnd(environment -> ComponentRuntime.of(processor, environment), args);
    }

    public static void run(EventSink sink, String... args) {
        runToEnd(environment -> ComponentRuntime.of(sink, environment), args);
    }

    public static void run(BatchEventSink sink, String... args) {
        runToEnd(environment -> ComponentRuntime.of(sink, environment), args);
    }

    private static void runToEnd(Function<ComponentEnvironment, ComponentRuntime> maker, String... args) {
        ComponentRuntime.Exit exit = runWithin(maker, args);
        if (exit.status() != 0) {
            System.err.println(exit.reason());
        }
        System.err.flush();
        System.out.flush();
        System.exit(exit.status());
    }

    private static ComponentRuntime.Exit runWithin(
            Function<ComponentEnvironment, ComponentRuntime> maker, String... args) {
        try {
            if (args.length > 0) {
                throw new ConfigException(java.util.List.of("unexpected argument '" + args[0]
                        + "'; a component takes its settings from FISO_* variables and its config file"));
            }
            ComponentEnvironment environment = ComponentEnvironment.from(System.getenv());
            logAsJson(environment);
            ComponentRuntime runtime = maker.apply(environment);
            handleSignals(runtime);
            runtime.start();
            return runtime.awaitEnd();
        } catch (ConfigException e) {
            return new ComponentRuntime.Exit(2, String.join("; ", e.problems()));
        } catch (Exception e) {
            return new ComponentRuntime.Exit(1, LanePart.reason(e));
        }
    }

    private static void handleSignals(ComponentRuntime runtime) {
        AtomicBoolean asked = new AtomicBoolean();
        Signal.handle(new Signal("INT"), ignored -> {});
        Signal.handle(new Signal("TERM"), ignored -> {
            if (asked.getAndSet(true)) {
                Runtime.getRuntime().halt(ENDED_BY_SECOND_SIGNAL);
            }
            runtime.stop(Duration.ZERO, "SIGTERM");
        });
    }

    private static void logAsJson(ComponentEnvironment environment) {
        LogManager.getLogManager().reset();
        Handler handler = new ConsoleHandler();
        handler.setFormatter(new JsonLogFormatter(environment.component(), environment.pipeline()));
        handler.setLevel(Level.ALL);
        ROOT.addHandler(handler);
        ROOT.setLevel(Level.INFO);
        NETWORK.setLevel(Level.WARNING);
        LOST_CONNECTIONS.setLevel(Level.SEVERE);
    }
}
