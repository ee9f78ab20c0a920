// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Status;
import io.fiso.driver.Troubled;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Pod number i of a workload, from the launch that claimed it until that claim is gone and no pod of it is left. */
final class PodInstance implements Troubled {
    private static final Duration CONFIRMATION = Duration.ofSeconds(10);
    /** How long a change may stay unseen when the watch is broken. */
    private static final Duration POLL = Duration.ofSeconds(2);

    private static final Duration STOP_POLL = Duration.ofMillis(200);
    private static final int LONGEST_LINE = 2_000;
    /** As many lines as anybody asks for of an instance that is gone. */
    private static final int KEPT_LINES = 100;

    private final Cluster cluster;
    private final Handle handle;
    private final String pipeline;
    private final String component;
    private final int replica;
    private final String mark;
    private final BooleanSupplier closed;
    private final CompletableFuture<Status.Ended> ended = new CompletableFuture<>();
    private final Semaphore news = new Semaphore(0);
    private final PodEnds ends = new PodEnds();
    /** When nothing was left for the first time; 0 before that. */
    private final AtomicLong goneSince = new AtomicLong();

    private volatile List<String> lastLines = List.of();
    private volatile @Nullable Watch watch;

    PodInstance(
            Cluster cluster,
            Handle handle,
            String pipeline,
            String component,
            int replica,
            String mark,
            BooleanSupplier closed) {
        this.cluster = cluster;
        this.handle = handle;
        this.pipeline = pipeline;
        this.component = component;
        this.replica = replica;
        this.mark = mark;
        this.closed = closed;
        Thread.ofVirtual().name("pod-" + component + "-" + replica).start(this::follow);
    }

    private void follow() {
        try {
            while (!closed.getAsBoolean() && !ended.isDone()) {
                watchPods();
                look();
                if (news.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            Optional.ofNullable(watch).ifPresent(Watch::close);
        }
    }

    private void watchPods() {
        if (watch != null) {
            return;
        }
        try {
            watch = cluster.client()
                    .pods()
                    .inNamespace(cluster.namespace())
                    .withLabels(Labels.selector(pipeline, component))
                    .watch(new Watcher<>() {
                        @Override
                        public void eventReceived(Action action, Pod pod) {
                            if (Cluster.isOf(pipeline, component, replica, pod)) {
                                if (action == Action.DELETED) {
                                    ends.gone(pod);
                                } else {
                                    ends.seen(pod);
                                }
                                news.release();
                            }
                        }

                        @Override
                        public void onClose(@Nullable WatcherException cause) {
                            watch = null;
                            news.release();
                        }
                    });
        } catch (KubernetesClientException | IllegalStateException _) {
            // The API server is away, or this driver closed meanwhile; looking from time to time goes on.
        }
    }

    /** Asks the platform, and takes the end down when it is certain. */
    private void look() {
        try {
            Optional<Workload> workload = cluster.workload(pipeline, component);
            String holder = workload.map(w -> w.mark(replica)).orElse("");
            // In this order: what one controller has settled the next one goes by, and the pods are made by the last.
            boolean held = holder.equals(mark);
            boolean settled = !held
                    && workload.map(Workload::settled).orElse(true)
                    && cluster.replicaSetsIdle(pipeline, component);
            List<Pod> pods = cluster.pods(pipeline, component, replica);
            pods.forEach(ends::seen);
            if (held) {
                return;
            }
            boolean alive = pods.stream().anyMatch(pod -> !new PodReading(pod).over());
            if (!holder.isEmpty() || (settled && !alive && lastWordHeard(pods))) {
                ended.complete(ends.last());
            }
        } catch (KubernetesClientException | IllegalStateException _) {
            // Nobody can be asked: what cannot be proven dead is not.
        }
    }

    /** Or waited for in vain: the watch may be broken. */
    private boolean lastWordHeard(List<Pod> left) {
        if (ends.complete() || !left.isEmpty()) {
            return true;
        }
        long now = System.nanoTime();
        goneSince.compareAndSet(0, now);
        return now - goneSince.get() > POLL.toNanos();
    }

    @Override
    public Handle handle() {
        return handle;
    }

    @Override
    public Status inspect() {
        if (!ended.isDone()) {
            look();
        }
        return ended.isDone() ? ended.join() : new Status.Running();
    }

    @Override
    public Status.Ended stop(Duration grace) throws DriverException, InterruptedException {
        if (inspect() instanceof Status.Ended end) {
            return end;
        }
        lastLines = logs(KEPT_LINES);
        cluster.change(pipeline, component, w -> w.mark(replica).equals(mark) ? w.released(replica) : w);
        // A grace of zero would take the pod off the list without anybody knowing that it is dead.
        long seconds = Math.max(1, grace.plusMillis(999).toSeconds());
        long deadline = System.nanoTime() + grace.plus(CONFIRMATION).toNanos();
        boolean told = false;
        while (System.nanoTime() < deadline) {
            told = told || delete(seconds);
            try {
                return ended.get(STOP_POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                news.release();
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException("nothing completes it so", e);
            }
        }
        throw new DriverException(
                "driver.not_dead",
                "the pod of replica " + replica + " of component \"" + component + "\" is still there "
                        + CONFIRMATION.toSeconds() + " s after its grace; "
                        + (told
                                ? "its node may be away (kubectl get pods,nodes -o wide)"
                                : "replicas with a higher index still run, and have to be stopped first"));
    }

    /** Ends the pod once nothing would start it again; false while something would. */
    private boolean delete(long graceSeconds) throws DriverException {
        return cluster.asked("stop component \"" + component + "\" of", pipeline, () -> {
            if (cluster.workload(pipeline, component)
                    .filter(w -> w.replicas() > replica)
                    .isPresent()) {
                return false;
            }
            cluster.pods(pipeline, component, replica)
                    .forEach(pod -> cluster.client()
                            .resource(pod)
                            .withGracePeriod(graceSeconds)
                            .delete());
            return true;
        });
    }

    @Override
    public void onEnd(Consumer<Status.Ended> listener) {
        ended.thenAccept(listener);
    }

    /** Standard output too: the platform keeps one log for both. What keeps the pod from starting, if it has not written anything. */
    @Override
    public List<String> lastErrorLines(int limit) {
        List<String> lines = ended.isDone() ? lastLines : logs(limit);
        lines = lines.isEmpty() ? lastLines : lines;
        if (lines.isEmpty() && limit > 0) {
            return trouble().map(Trouble::message).map(this::cut).stream().toList();
        }
        return lines.subList(Math.max(0, lines.size() - limit), lines.size());
    }

    private List<String> logs(int limit) {
        try {
            Optional<Pod> pod = pod().filter(found -> new PodReading(found).hasRun());
            if (pod.isEmpty()) {
                return List.of();
            }
            var log = cluster.client()
                    .pods()
                    .inNamespace(cluster.namespace())
                    .withName(pod.get().getMetadata().getName())
                    .inContainer(PodTemplates.CONTAINER)
                    .tailingLines(limit)
                    .getLog();
            return log == null ? List.of() : log.lines().map(this::cut).toList();
        } catch (KubernetesClientException | IllegalStateException _) {
            // Its node does not answer, or its log is gone.
            return List.of();
        }
    }

    private String cut(String line) {
        return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) : line;
    }

    /** The living one, else what is left of the last. */
    private Optional<Pod> pod() {
        List<Pod> pods = cluster.pods(pipeline, component, replica);
        return pods.stream()
                .filter(pod -> !new PodReading(pod).over())
                .findFirst()
                .or(() -> pods.stream().findFirst());
    }

    @Override
    public Optional<Trouble> trouble() {
        if (ended.isDone()) {
            return Optional.empty();
        }
        try {
            Optional<Pod> pod = pod();
            String name = pod.map(p -> p.getMetadata().getName()).orElse(Names.component(pipeline, component));
            List<Event> events = cluster.events(name);
            if (pod.isPresent()) {
                return new PodReading(pod.get()).trouble(events);
            }
            // A quota or a policy that forbids the pod is told to whoever wanted to make it.
            return PodReading.warning(events, "FailedCreate")
                    .map(said -> new Trouble(
                            "driver.pod_refused", "no pod can be made for component \"" + component + "\": " + said));
        } catch (KubernetesClientException | IllegalStateException _) {
            return Optional.empty();
        }
    }

    /** A pod that was stopped is gone already, one that was evicted is not; the workload stays until {@link KubernetesDriver#remove}. */
    @Override
    public void destroy() throws DriverException {
        if (inspect() instanceof Status.Ended) {
            cluster.asked("clean up after", pipeline, () -> {
                List<Pod> over = cluster.pods(pipeline, component, replica).stream()
                        .filter(pod -> new PodReading(pod).over())
                        .toList();
                over.forEach(pod -> cluster.client().resource(pod).delete());
                return over;
            });
        }
    }
}
