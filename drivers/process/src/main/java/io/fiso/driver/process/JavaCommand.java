// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import io.fiso.driver.DriverException;
import io.fiso.driver.LaunchSpec;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The command line of a Java component. What the descriptor says comes last, and so wins. */
final class JavaCommand {
    /**
     * Measured best for components: the serial collector at 64 MiB keeps nearly full speed at half the memory of the others. A young generation of 14 MiB,
     * memory of finished compilations given back, and Netty's chunks at 512 KiB take 14 MB off an idle component and 20 off a busy one; a smaller young
     * generation costs speed. An instance out of memory ends, and is restarted, instead of limping. The JVM's own warnings go to standard error, since
     * standard output is for people, and those about AOT caches nowhere. The last two silence warnings about what Netty does on purpose.
     */
    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-Xmn14m",
            "-XX:TrimNativeHeapInterval=5000",
            "-Dio.netty.allocator.maxOrder=6",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xshare:auto",
            "-Xlog:disable",
            "-Xlog:all=warning,cds*=off,aot*=off:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final ProcessDriverConfig config;
    private final AotCaches caches;

    JavaCommand(ProcessDriverConfig config) {
        this.config = config;
        this.caches = new AotCaches(config);
    }

    /** The command line, and what to do when that process has ended. */
    record Prepared(List<String> command, Runnable afterEnd) {}

    Prepared prepare(LaunchSpec.Launch.Java program) throws DriverException {
        if (!Files.isExecutable(config.java())) {
            throw new DriverException(
                    "driver.no_java", "\"" + config.java() + "\" is not an executable java; JDK 25 is needed");
        }
        if (!Files.isReadable(program.jar())) {
            throw new DriverException(
                    "driver.program_not_found",
                    "the component's jar \"" + program.jar() + "\" cannot be read; is the distribution complete?");
        }
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(program.jvmArgs());
        AotCaches.Part part = caches.part(program.jar().toAbsolutePath(), flags);
        List<String> command = new ArrayList<>();
        command.add(config.java().toString());
        command.addAll(flags);
        command.addAll(part.flags());
        command.add("-jar");
        command.add(program.jar().toAbsolutePath().toString());
        command.addAll(program.args());
        return new Prepared(command, part.afterEnd());
    }
}
