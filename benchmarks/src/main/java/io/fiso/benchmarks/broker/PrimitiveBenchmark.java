// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What streams, queues and key-value stores do. A broker runs in this process, and its client too, over gRPC on loopback; appends are measured on the Java face
 * of streams as well. Prints tables in Markdown on the standard output, and each round as it comes on the other.
 *
 * <pre>
 * java --add-opens java.base/sun.nio.ch=ALL-UNNAMED -cp … io.fiso.benchmarks.broker.PrimitiveBenchmark DIRECTORY [small] [WHAT…]
 * </pre>
 *
 * WHAT is any of {@code append}, {@code tail}, {@code queue}, {@code kv}, {@code subscribe}, {@code memory} and {@code retention}; without any, it is all.
 * {@code small} shows that everything runs, and nothing else.
 */
public final class PrimitiveBenchmark {
    private static final List<String> ALL =
            List.of("append", "tail", "queue", "kv", "subscribe", "memory", "retention");

    private PrimitiveBenchmark() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals(MemoryFigures.CHILD)) {
            MemoryFigures.child(args);
            return;
        }
        if (args.length == 0) {
            System.err.println("usage: PrimitiveBenchmark DIRECTORY [small] [" + String.join("|", ALL) + "]…");
            System.exit(2);
        }
        List<String> wanted = new ArrayList<>(List.of(args).subList(1, args.length));
        Scale scale = wanted.remove("small") ? Scale.small(Path.of(args[0])) : Scale.full(Path.of(args[0]));
        for (String what : wanted.isEmpty() ? ALL : wanted) {
            measure(what, scale);
        }
    }

    private static void measure(String what, Scale scale) throws Exception {
        Figures figures = new Figures();
        switch (what) {
            case "append" -> new AppendFigures(scale, figures).measure();
            case "tail" -> new ReadFigures(scale, figures).tail();
            case "queue" -> new QueueFigures(scale, figures).measure();
            case "kv" -> new KeyFigures(scale, figures).measure();
            case "subscribe" -> new ReadFigures(scale, figures).subscribe();
            case "memory" -> new MemoryFigures(scale, figures).measure();
            case "retention" -> new RetentionFigures(scale, figures).measure();
            default -> throw new IllegalArgumentException(what + " is none of " + ALL);
        }
    }
}
