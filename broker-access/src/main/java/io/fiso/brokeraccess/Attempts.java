// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.broker.client.BrokerFailure;
import io.fiso.sdk.SourceContext;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a source asks of its broker: tried again when it fails, later each time (50 ms to 2 s), while status says what is waited for. Of one thread; does not
 * block, what comes too early is not tried.
 */
public final class Attempts {
    private final SourceContext context;
    private final Runnable broken;
    private final Consumer<BrokerFailure> refused;
    private final Patience patience = new Patience(Duration.ofMillis(50), Duration.ofSeconds(2));
    private String told = "";

    /** Something that needs the broker. */
    @FunctionalInterface
    public interface Step {
        void run() throws IOException, InterruptedException;
    }

    /**
     * @param broken is run after whatever failed, first
     * @param refused decides about what the broker answered: {@link #pause}, go on at once, or throw
     */
    public Attempts(SourceContext context, Runnable broken, Consumer<BrokerFailure> refused) {
        this.context = context;
        this.broken = broken;
        this.refused = refused;
    }

    /** False if it has to be tried again. */
    public boolean attempt(Step step) throws InterruptedException {
        if (!patience.over()) {
            return false;
        }
        try {
            step.run();
            return true;
        } catch (BrokerFailure e) {
            failed(e);
        } catch (IOException e) {
            failed(e);
        }
        return false;
    }

    /** A call that was made elsewhere was refused, or not answered. */
    public void failed(BrokerFailure failure) {
        broken.run();
        refused.accept(failure);
    }

    /** There is no broker now. */
    public void failed(IOException failure) {
        broken.run();
        pause(String.valueOf(failure.getMessage()));
    }

    /** Nothing is tried for a while. */
    public void pause(String reason) {
        patience.disappointed();
        hold(reason);
    }

    /** All went well. */
    public void satisfied() {
        patience.satisfied();
        hold("");
    }

    private void hold(String reason) {
        if (reason.equals(told)) {
            return;
        }
        told = reason;
        context.holding(reason);
        if (reason.isEmpty()) {
            context.logger().log(Level.INFO, "Going on");
        } else {
            context.logger().log(Level.WARNING, "Holding: {0}", reason);
        }
    }
}
