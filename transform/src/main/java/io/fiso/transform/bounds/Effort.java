// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the expressions of one event may still take: of time, and of memory for what they build on the way. Used for event after event, by one thread at a
 * time. Functions that cannot be handed it find it by {@link #current}.
 */
public final class Effort {
    private static final ScopedValue<Effort> CURRENT = ScopedValue.newInstance();

    /** The clock is read once in so many steps. */
    private static final int STEPS_PER_LOOK = 256;

    /** Who has built more than this for an event may still hold much of it. */
    private static final long LARGE = 1 << 20;

    /** Functions that hand on what they are given. */
    private static final Set<String> HANDING_ON = Set.of(
            "_?_:_",
            "_[_]",
            "_[?_]",
            "_?._",
            "or",
            "orValue",
            "value",
            "dyn",
            "optional.of",
            "optional.ofNonZeroValue",
            "cel.@block");

    private final Duration timeout;
    private final long mostBytes;
    private long deadlineNanos;
    private boolean timed;
    private int steps;
    private long bytes;

    /** @param mostBytes how much the expressions of an event may build, roughly */
    public Effort(Duration timeout, long mostBytes) {
        this.timeout = timeout;
        this.mostBytes = mostBytes;
    }

    /** Starts anew, for another event. */
    public void open() {
        timed = false;
        steps = 0;
        bytes = 0;
    }

    /** Evaluates with this as the current effort. */
    public <T extends @Nullable Object, X extends Throwable> T during(ScopedValue.CallableOp<? extends T, X> evaluation)
            throws X {
        return ScopedValue.where(CURRENT, this).call(evaluation);
    }

    /** Whether what a function answers is new. */
    public static boolean builds(String function) {
        return !HANDING_ON.contains(function);
    }

    /** That of the event which is evaluated right now. */
    static Effort current() {
        return CURRENT.get();
    }

    /** Called for every small step of an evaluation. */
    public void step() {
        if (++steps % STEPS_PER_LOOK == 0) {
            checkTime();
        }
    }

    /**
     * The time is measured from the first look: what never comes here is done in no time.
     *
     * @throws Exhausted if it is up
     */
    public void checkTime() {
        long now = System.nanoTime();
        if (!timed) {
            timed = true;
            deadlineNanos = now + timeout.toNanos();
        } else if (now - deadlineNanos > 0) {
            throw new Exhausted("the expressions took longer than " + timeout.toMillis() + " ms");
        }
    }

    /**
     * Notes that a value has been built.
     *
     * @throws Exhausted if that is too much
     */
    public void builds(@Nullable Object value) {
        takes(Weight.of(value, mostBytes - bytes));
    }

    /**
     * Notes that so many bytes are taken.
     *
     * @throws Exhausted if that is too much
     */
    public void takes(long more) {
        needs(more);
        bytes += more;
    }

    /**
     * Asks before so many bytes are taken.
     *
     * @throws Exhausted if there are not so many
     */
    public void needs(long more) {
        if (!has(more)) {
            throw new Exhausted("the expressions build more than " + (mostBytes >> 20) + " MiB of values");
        }
    }

    /** Whether there are so many bytes left. */
    boolean has(long more) {
        return more <= mostBytes - bytes;
    }

    /** Whether much has been built since {@link #open}. */
    public boolean large() {
        return bytes > LARGE;
    }
}
