// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.sdk.ComponentContext;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** What a component knows of itself. */
class ContextView implements ComponentContext {
    /** Asks for the broker of the run. */
    interface Brokers {
        BrokerAddress find() throws IOException, InterruptedException;
    }

    private final ComponentEnvironment environment;
    private final ComponentSettings settings;
    private final int replica;
    private final Clock clock;
    private final PrometheusRegistry metrics;
    private final Brokers brokers;

    ContextView(
            ComponentEnvironment environment,
            ComponentSettings settings,
            int replica,
            Clock clock,
            PrometheusRegistry metrics,
            Brokers brokers) {
        this.environment = environment;
        this.settings = settings;
        this.replica = replica;
        this.clock = clock;
        this.metrics = metrics;
        this.brokers = brokers;
    }

    ContextView(ContextView other) {
        this(other.environment, other.settings, other.replica, other.clock, other.metrics, other.brokers);
    }

    @Override
    public String component() {
        return environment.component();
    }

    @Override
    public String pipeline() {
        return environment.pipeline();
    }

    @Override
    public String run() {
        return environment.run();
    }

    @Override
    public int replica() {
        return replica;
    }

    @Override
    public <C extends Record> C config(Class<C> type) {
        return RecordBinder.bind(type, settings.config());
    }

    @Override
    public Path stateDirectory() {
        return environment.stateDirectory();
    }

    @Override
    public String deadLetterTopic() {
        return settings.deadLetterTopic();
    }

    @Override
    public BrokerAddress broker() throws IOException, InterruptedException {
        return brokers.find();
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public System.Logger logger() {
        return System.getLogger("io.fiso.component." + environment.component());
    }

    @Override
    public PrometheusRegistry metrics() {
        return metrics;
    }
}
