// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.util.Optional;
import java.util.OptionalInt;

/** Where an instance stands. */
public sealed interface Status {
    /** It exists; whether it is any good is for the control plane to find out. */
    record Running() implements Status {}

    /**
     * It is dead, with everything it had started.
     *
     * @param exitCode its exit code; empty if unknown or if a signal ended it
     * @param signal the signal that ended it; empty if none did or it is unknown
     * @param memoryLimit the limit it had, as in {@code 256m}, if it was ended for going beyond it
     */
    record Ended(OptionalInt exitCode, OptionalInt signal, Optional<String> memoryLimit) implements Status {
        /** It ended in an unknown way, while nobody looked. */
        public static final Ended UNKNOWN = new Ended(OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

        /** It ended by itself with this code. */
        public static Ended exit(int code) {
            return new Ended(OptionalInt.of(code), OptionalInt.empty(), Optional.empty());
        }

        /** A signal ended it. */
        public static Ended signal(int signal) {
            return new Ended(OptionalInt.empty(), OptionalInt.of(signal), Optional.empty());
        }

        /** The same end, which came because it needed more memory than this limit. */
        public Ended outOfMemory(String limit) {
            return new Ended(exitCode, signal, Optional.of(limit));
        }

        /** Whether it ended well. */
        public boolean success() {
            return exitCode.orElse(-1) == 0;
        }

        /** For people: "exited with code 3", "killed by signal 9", "killed: out of memory (limit 256m)". */
        public String describe() {
            if (memoryLimit.isPresent()) {
                return "killed: out of memory (limit " + memoryLimit.get() + ")";
            }
            if (signal.isPresent()) {
                return "killed by signal " + signal.getAsInt() + name(signal.getAsInt());
            }
            return exitCode.isPresent() ? "exited with code " + exitCode.getAsInt() : "ended in an unknown way";
        }

        private static String name(int signal) {
            return switch (signal) {
                case 1 -> " (SIGHUP)";
                case 2 -> " (SIGINT)";
                case 3 -> " (SIGQUIT)";
                case 6 -> " (SIGABRT)";
                case 7 -> " (SIGBUS)";
                case 9 -> " (SIGKILL)";
                case 11 -> " (SIGSEGV)";
                case 15 -> " (SIGTERM)";
                default -> "";
            };
        }
    }
}
