// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import jetbrains.exodus.ExodusException;
import org.jspecify.annotations.Nullable;

/** One caller's write, and what became of it. */
final class Write<R> {
    private enum State {
        WAITING,
        BEGUN,
        OVER
    }

    private final Durability durability;
    private final boolean freeing;
    private final Function<Change, R> function;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable R result;
    private @Nullable Throwable failure;

    Write(Durability durability, boolean freeing, Function<Change, R> function) {
        this.durability = durability;
        this.freeing = freeing;
        this.function = function;
    }

    Durability durability() {
        return durability;
    }

    boolean freeing() {
        return freeing;
    }

    /** Whether it is still wanted. */
    boolean begin() {
        return state.compareAndSet(State.WAITING, State.BEGUN);
    }

    /** Whether it has not begun, and will not. */
    boolean cancel() {
        return state.compareAndSet(State.WAITING, State.OVER);
    }

    void apply(Change change) {
        result = function.apply(change);
    }

    /** Does nothing if it is over. */
    void fail(Throwable cause) {
        if (state.getAndSet(State.OVER) != State.OVER) {
            failure = cause instanceof ExodusException ? refused(cause) : cause;
            done.countDown();
        }
    }

    void succeed() {
        if (state.getAndSet(State.OVER) != State.OVER) {
            done.countDown();
        }
    }

    private static BrokerException refused(Throwable cause) {
        boolean damaged = cause instanceof Damage;
        return new BrokerException(
                Kind.UNAVAILABLE,
                damaged ? "broker.store_damaged" : "broker.write_failed",
                "nothing was written: " + cause.getMessage(),
                cause);
    }

    boolean await(long nanos) throws InterruptedException {
        return done.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** To be called when it is over. */
    @SuppressWarnings("NullAway") // The result is as the function gave it.
    R result() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        return result;
    }
}
