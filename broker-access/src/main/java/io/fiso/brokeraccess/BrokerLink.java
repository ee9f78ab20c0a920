// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.sdk.ComponentContext;
import io.grpc.Status;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A component's way to its resource, over restarts of the broker.
 *
 * <ol>
 *   <li>Nothing is tried again here: a failure comes out, and the next call begins with a new connection, to where the broker is then.
 *   <li>A connection is given up when a call over it was not answered, not when it was refused.
 *   <li>Thread-safe. Calls of several threads go over one connection at once.
 * </ol>
 */
public final class BrokerLink implements AutoCloseable {
    private static final long REQUEST_TIMEOUT_MILLIS = Duration.ofSeconds(10).toMillis();

    private final BrokerTarget target;
    private final ComponentContext context;
    private @Nullable BrokerConnection connection;
    private @Nullable Found found;

    /**
     * The resource.
     *
     * @param created whether this link has just made it, so that nothing can have been in it before
     */
    public record Found(Resource resource, boolean created) {}

    public BrokerLink(BrokerTarget target, ComponentContext context) {
        this.target = target;
        this.context = context;
    }

    public BrokerTarget target() {
        return target;
    }

    /**
     * Makes one call.
     *
     * @throws BrokerFailure if it was refused or not answered
     * @throws IOException if this run has no broker
     */
    public <A> A call(Function<BrokerConnection, A> call) throws IOException, InterruptedException {
        BrokerConnection over = connection();
        try {
            return over.call(() -> call.apply(over));
        } catch (BrokerFailure e) {
            failed(over, e);
            throw e;
        }
    }

    /**
     * The resource, which is made if it is not there and the config does not say otherwise; looked up once per connection.
     *
     * @throws BrokerFailure NOT_FOUND if it is not there and not to be made
     */
    public Found resource() throws IOException, InterruptedException {
        synchronized (this) {
            if (found != null && connection != null) {
                return found;
            }
        }
        Found now = look();
        int partitions = now.resource().getStream().getPartitions();
        int wanted = target.wanted().getStream().getPartitions();
        if (target.create() && wanted != 0 && partitions != wanted) {
            context.logger()
                    .log(
                            Level.WARNING,
                            "{0} is there with {1} partitions, and used so; the config says {2}",
                            target,
                            partitions,
                            wanted);
        }
        synchronized (this) {
            found = now;
        }
        return now;
    }

    private Found look() throws IOException, InterruptedException {
        try {
            return new Found(get(), false);
        } catch (BrokerFailure e) {
            if (e.status() != Status.Code.NOT_FOUND || !target.create()) {
                throw e;
            }
        }
        try {
            Resource made = call(broker -> broker.resources()
                            .withDeadlineAfter(REQUEST_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                            .createResource(CreateResourceRequest.newBuilder()
                                    .setResource(target.wanted())
                                    .build()))
                    .getResource();
            context.logger().log(Level.INFO, "Made the {0}", target);
            return new Found(made, true);
        } catch (BrokerFailure e) {
            if (e.status() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
            // Somebody made it in between, with other settings.
            return new Found(get(), false);
        }
    }

    private Resource get() throws IOException, InterruptedException {
        return call(broker -> broker.resources()
                        .withDeadlineAfter(REQUEST_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                        .getResource(GetResourceRequest.newBuilder()
                                .setName(target.name())
                                .build()))
                .getResource();
    }

    /** The connection, made if there is none. */
    public BrokerConnection connection() throws IOException, InterruptedException {
        synchronized (this) {
            if (connection != null) {
                return connection;
            }
        }
        BrokerAddress address = target.address().isPresent() ? target.address().get() : context.broker();
        synchronized (this) {
            BrokerConnection current = connection;
            if (current == null) {
                current = BrokerConnection.to(address);
                connection = current;
                found = null;
            }
            return current;
        }
    }

    /** Takes note of how a call over a connection ended, such as one that lasts and was not made by {@link #call}. */
    public void failed(BrokerConnection over, BrokerFailure failure) {
        boolean unanswered = failure.status() == Status.Code.UNAVAILABLE
                || failure.status() == Status.Code.DEADLINE_EXCEEDED
                || failure.status() == Status.Code.CANCELLED;
        synchronized (this) {
            if (over != connection) {
                return;
            }
            found = null;
            if (!unanswered) {
                return;
            }
            connection = null;
        }
        over.close();
    }

    @Override
    public void close() {
        BrokerConnection open;
        synchronized (this) {
            open = connection;
            connection = null;
            found = null;
        }
        if (open != null) {
            open.close();
        }
    }
}
