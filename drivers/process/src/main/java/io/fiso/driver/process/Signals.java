// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** kill(2), which the JDK offers for single processes only. */
final class Signals {
    static final int TERMINATE = 15;
    static final int KILL = 9;

    private static final MethodHandle SYSTEM_KILL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Signals() {}

    /** Signals a process; false if there is none or it is not ours. */
    static boolean process(long pid, int signal) {
        if (pid <= 1) {
            throw new IllegalArgumentException("process id " + pid + " is never one of ours");
        }
        return kill(Math.toIntExact(pid), signal);
    }

    /** Signals every process of a group; false if there is no such group or none of it is ours. */
    static boolean group(long leader, int signal) {
        if (leader <= 1) {
            throw new IllegalArgumentException("process group " + leader + " is never one of ours");
        }
        return kill(-Math.toIntExact(leader), signal);
    }

    private static boolean kill(int target, int signal) {
        try {
            return (int) SYSTEM_KILL.invokeExact(target, signal) == 0;
        } catch (Throwable e) {
            throw new LinkageError("kill(2) cannot be called", e);
        }
    }
}
