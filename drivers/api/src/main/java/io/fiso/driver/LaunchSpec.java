// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One instance to start.
 *
 * @param pipeline the pipeline's name
 * @param run the run's id
 * @param component the component's id
 * @param replica the replica index, from 0
 * @param mark 128 random bits in hex that no other launch has; no secret. The driver puts it on the instance, so that it can be found by it
 * @param launch what to run
 * @param contract the variables of the component contract ({@code FISO_CONTROL_PLANE} and so on); they win over {@code env}
 * @param env the variables the user wrote
 * @param stateDirectory a directory of this replica's own that survives restarts; exists
 * @param configFile the file that {@code FISO_CONFIG_FILE} names; exists
 * @param tlsDirectory the directory that {@code FISO_TLS_DIR} names, of this launch alone, with {@code ca.crt}, {@code tls.crt} and {@code tls.key}; exists. Empty if the
 *     run's connections are not encrypted
 * @param output where its standard streams go
 * @param resources limits
 */
public record LaunchSpec(
        String pipeline,
        String run,
        String component,
        int replica,
        String mark,
        Launch launch,
        Map<String, String> contract,
        Map<String, String> env,
        Path stateDirectory,
        Path configFile,
        Optional<Path> tlsDirectory,
        OutputFiles output,
        Resources resources) {
    public LaunchSpec {
        contract = Map.copyOf(contract);
        env = Map.copyOf(env);
    }

    /** {@code component-replica}: unique in a run, and fit for file names. */
    public String instanceName() {
        return component + "-" + replica;
    }

    /** What to run. */
    public sealed interface Launch {
        /**
         * A Java component of the distribution.
         *
         * @param type the component's type, {@code http-sink}, by which its image is named
         * @param jar its jar, which names main class and class path
         * @param jvmArgs what its descriptor says of the JVM; its image has them built in
         * @param args its arguments
         */
        record Java(String type, Path jar, List<String> jvmArgs, List<String> args) implements Launch {
            public Java {
                jvmArgs = List.copyOf(jvmArgs);
                args = List.copyOf(args);
            }
        }

        /** A command; a program with a "/" is looked for from {@code directory}, others in PATH. */
        record Command(List<String> argv, Path directory) implements Launch {
            public Command {
                argv = List.copyOf(argv);
                if (argv.isEmpty()) {
                    throw new IllegalArgumentException("a command has at least the program's name");
                }
            }
        }

        /** A container image. */
        record Image(String name, List<String> args) implements Launch {
            public Image {
                args = List.copyOf(args);
            }
        }
    }

    /**
     * Where the standard streams go. Written by the instance itself, not by way of the control plane, so that they outlive it; rotated by size.
     *
     * @param log its standard error, where a component's log goes: {@code <id>-<replica>.log}
     * @param out its standard output, for components that print what they deliver: {@code <id>-<replica>.out}
     */
    public record OutputFiles(Path log, Path out) {}

    /** Limits, in the notation of the pipeline; empty means none. */
    public record Resources(Optional<String> cpu, Optional<String> memory) {
        /** No limits. */
        public static final Resources UNLIMITED = new Resources(Optional.empty(), Optional.empty());
    }
}
