// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import io.fiso.transform.EventView;
import io.fiso.transform.Limits;
import io.fiso.transform.Transform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One transform, one event, in a JVM that has done nothing before. {@link StartBenchmark} starts it:
 *
 * <pre>
 * FirstEvent DOCUMENT NAME EXPRESSION [NAME EXPRESSION]...
 * </pre>
 *
 * Prints the microseconds for compiling and for the first event, then the output. Touches nothing but the engine, so that the event finds no class
 * loaded that it would not find loaded in a component.
 */
public final class FirstEvent {
    private FirstEvent() {}

    public static void main(String[] args) throws Exception {
        EventView event = new OrderEvent(Files.readAllBytes(Path.of(args[0])));
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 1; i < args.length; i += 2) {
            fields.put(args[i], args[i + 1]);
        }
        long start = System.nanoTime();
        Transform transform = Transform.compile(fields, Limits.DEFAULT);
        long compiled = System.nanoTime();
        byte[] output = transform.apply(event);
        long done = System.nanoTime();
        System.out.println((compiled - start) / 1000);
        System.out.println((done - compiled) / 1000);
        System.out.println(new String(output, StandardCharsets.UTF_8));
    }
}
