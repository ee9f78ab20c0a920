// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Capabilities;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Reach;
import io.fiso.driver.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/** Starts scripted components in this process. They can be found again for as long as it lives. */
final class FakeDriver implements Driver {
    private static final AtomicLong NEXT = new AtomicLong(100_000);
    private static final Map<String, FakeInstance> INSTANCES = new ConcurrentHashMap<>();

    private final Function<LaunchSpec, ScriptedComponent> components;
    final List<LaunchSpec> specs = new CopyOnWriteArrayList<>();
    final List<FakeInstance> started = new CopyOnWriteArrayList<>();

    FakeDriver(Function<LaunchSpec, ScriptedComponent> components) {
        this.components = components;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(Set.of(Capabilities.LaunchKind.COMMAND), true, false, true, false);
    }

    @Override
    public Reach reach() {
        return Reach.LOOPBACK;
    }

    @Override
    public Handle intent(LaunchSpec spec) {
        return new Handle("fake", 1, Map.of("mark", spec.mark()));
    }

    @Override
    public Instance start(LaunchSpec spec) {
        long pid = NEXT.incrementAndGet();
        specs.add(spec);
        FakeInstance instance = new FakeInstance(pid, components.apply(spec));
        INSTANCES.put(Long.toString(pid), instance);
        INSTANCES.put(spec.mark(), instance);
        started.add(instance);
        instance.component.start(pid);
        return instance;
    }

    /** As if the last instance of a component had died while nobody looked. */
    void lose(String component) {
        INSTANCES.values().remove(last(component));
        INSTANCES.values().remove(last(component));
    }

    /** The last instance started of a component. */
    FakeInstance last(String component) {
        return started.reversed().stream()
                .filter(instance -> instance.component.id().equals(component))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Optional<Instance> recover(Handle handle) throws DriverException {
        String key = handle.fields().containsKey("pid") ? "pid" : "mark";
        return Optional.<Instance>ofNullable(INSTANCES.get(handle.field(key)))
                .filter(instance -> instance.inspect() instanceof Status.Running);
    }

    @Override
    public void close() {}

    /** One scripted component as an instance. */
    static final class FakeInstance implements Instance {
        final ScriptedComponent component;
        volatile boolean destroyed;
        private final long pid;
        private final CompletableFuture<Status.Ended> ended = new CompletableFuture<>();

        FakeInstance(long pid, ScriptedComponent component) {
            this.pid = pid;
            this.component = component;
        }

        void end(Status.Ended how) {
            component.close();
            ended.complete(how);
        }

        @Override
        public Handle handle() {
            return new Handle("fake", 1, Map.of("pid", Long.toString(pid)));
        }

        @Override
        public Status inspect() {
            return ended.isDone() ? ended.join() : new Status.Running();
        }

        @Override
        public Status.Ended stop(Duration grace) {
            end(grace.isZero() ? Status.Ended.signal(9) : Status.Ended.exit(0));
            return ended.join();
        }

        @Override
        public void onEnd(Consumer<Status.Ended> listener) {
            var _ = ended.thenAcceptAsync(listener);
        }

        @Override
        public List<String> lastErrorLines(int limit) {
            return List.of("the last words of " + component.id());
        }

        @Override
        public void destroy() {
            destroyed = true;
        }
    }
}
