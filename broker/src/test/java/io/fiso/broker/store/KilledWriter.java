// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.nio.file.Path;

/** A process that writes with several threads, and prints the number of each write that was answered, until it is killed. */
public final class KilledWriter {
    static final int WRITERS = 8;

    private KilledWriter() {}

    /** The directory, and the first number. */
    public static void main(String[] args) {
        Store store = Store.open(Path.of(args[0]));
        long first = Long.parseLong(args[1]);
        PrintStream out = System.out;
        out.println("open " + store.recovery().bytesDropped());
        for (int writer = 0; writer < WRITERS; writer++) {
            int id = writer;
            Thread.ofPlatform().start(() -> write(store, out, first, id));
        }
    }

    private static void write(Store store, PrintStream out, long first, int id) {
        for (long number = first + id; ; number += WRITERS) {
            byte[] key = Long.toString(number).getBytes(UTF_8);
            Durability durability = Durability.values()[(int) (number / WRITERS % 3)];
            byte[] value =
                    ("value of " + number + " ").repeat((int) (number % 97)).getBytes(UTF_8);
            store.write(durability, change -> {
                change.put("t", key, value);
                return "";
            });
            out.println("done " + number + ".");
        }
    }
}
