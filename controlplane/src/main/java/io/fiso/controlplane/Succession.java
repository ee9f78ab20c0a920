// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A server's first duty: what its predecessor had running goes on under it, without anybody having to ask (guarantee D11). What has ended meanwhile is
 * started again, all of it if need be, as after a restart of the machine. While a platform cannot say what still runs there, it is asked again: nothing is
 * taken for dead because nobody answers.
 */
final class Succession implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Succession.class.getName());
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final PipelineHomes homes;
    private final Runs runs;
    private final Leftovers.Search search;
    private final Consumer<RunStore.LiveRun> check;
    private final List<Thread> threads = new ArrayList<>();

    /** @param check throws if a run cannot be this server's */
    Succession(PipelineHomes homes, Runs runs, Leftovers.Search search, Consumer<RunStore.LiveRun> check) {
        this.check = check;
        this.homes = homes;
        this.runs = runs;
        this.search = search;
    }

    /** Takes the pipelines. To be called before components can call: then their tokens are known, and they are told to come again. */
    void claim() {
        for (String pipeline : homes.ofPredecessor()) {
            runs.await(pipeline, List.of(), "");
            try {
                RunStore store = homes.take(pipeline);
                store.live().values().forEach(check);
                runs.await(pipeline, List.copyOf(store.live().values()), "it is about to be taken over");
                threads.add(
                        Thread.ofVirtual().name("take-over-" + pipeline).unstarted(() -> takeOver(pipeline, store)));
            } catch (ControlPlaneException e) {
                runs.arrived(pipeline);
                homes.leave(pipeline);
                LOG.log(
                        System.Logger.Level.ERROR,
                        "what ran of a pipeline is not taken over pipeline=" + pipeline + ": " + e.getMessage());
            }
        }
    }

    /** Begins to take the runs over. */
    void start() {
        threads.forEach(Thread::start);
    }

    private void takeOver(String pipeline, RunStore store) {
        try {
            for (RunStore.LiveRun live : store.live().values()) {
                takeOver(live, store);
            }
            runs.arrived(pipeline);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "what ran of a pipeline is not taken over pipeline=" + pipeline, e);
        } finally {
            homes.leave(pipeline);
        }
    }

    private void takeOver(RunStore.LiveRun live, RunStore store) throws InterruptedException {
        String told = "";
        while (true) {
            try {
                Leftovers leftovers = search.in(store);
                Map<ReplicaId, Instance> found = leftovers.ask(live);
                leftovers.leftover(live, found).ifPresentOrElse(this::resume, () -> leftovers.close(live, found));
                return;
            } catch (DriverException | ControlPlaneException e) {
                if (e instanceof ControlPlaneException known
                        && known.kind() != ControlPlaneException.Kind.ENVIRONMENT) {
                    throw known;
                }
                String reason = String.valueOf(e.getMessage());
                runs.await(live.pipeline(), List.of(live), reason);
                if (!reason.equals(told)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "what still runs cannot be told yet; it is asked again every " + RETRY.toSeconds()
                                    + " s pipeline=" + live.pipeline() + " run=" + live.run() + ": " + reason);
                    told = reason;
                }
                Thread.sleep(RETRY);
            }
        }
    }

    private void resume(Leftover leftover) {
        runs.resume(leftover);
        LOG.log(
                System.Logger.Level.INFO,
                "run taken over pipeline=" + leftover.live().pipeline() + " run="
                        + leftover.live().run() + " running=" + leftover.found().size() + " missing="
                        + (leftover.live().instances().size() - leftover.found().size()));
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
