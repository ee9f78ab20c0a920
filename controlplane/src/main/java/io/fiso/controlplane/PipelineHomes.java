// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Those of a server: each pipeline keeps its runs in the directory in which {@code fisoctl run} would keep them, and is held there by the same lock while
 * it runs. So the two refuse each other's pipelines, take over each other's runs, and have one history and one sequence of generations.
 */
final class PipelineHomes implements RunHomes {
    private static final System.Logger LOG = System.getLogger(PipelineHomes.class.getName());

    private final Path stateHome;
    private final int keepRuns;
    private final Map<String, Home> homes = new ConcurrentHashMap<>();
    private volatile BiConsumer<String, RunStore> onOpen = (_, _) -> {};
    private volatile @Nullable BiFunction<String, String, ControlFile> self;

    PipelineHomes(Path stateHome, int keepRuns) {
        this.stateHome = stateHome;
        this.keepRuns = keepRuns;
    }

    /** @param look looks at what an earlier control plane has left in a store that was just opened */
    void onOpen(BiConsumer<String, RunStore> look) {
        onOpen = look;
    }

    /**
     * From now on, and at once for those that are open, a pipeline's directory says where the control plane is.
     *
     * @param file makes what it says, of pipeline and run
     */
    void publish(BiFunction<String, String, ControlFile> file) {
        self = file;
        homes.forEach((pipeline, home) -> home.announce(""));
    }

    /** The port that the components of an earlier server know. */
    OptionalInt portOfPredecessor() {
        return ofPredecessor().stream()
                .flatMap(pipeline ->
                        ControlFile.read(ControlPlaneConfig.pipelineDirectory(stateHome, pipeline)).stream())
                .mapToInt(ControlFile::grpcPort)
                .findFirst();
    }

    /** The pipelines that a server had when it ended, by name: their control files are still there. */
    List<String> ofPredecessor() {
        Path pipelines = stateHome.resolve("pipelines");
        if (!Files.isDirectory(pipelines)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(pipelines)) {
            return directories
                    .filter(directory -> ControlFile.findLeftByServer(directory).isPresent())
                    .map(directory -> directory.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + pipelines, e);
        }
    }

    @Override
    public RunStore take(String pipeline) {
        return home(pipeline).take();
    }

    @Override
    public RunStore hold(String pipeline) {
        return home(pipeline).hold();
    }

    @Override
    public void leave(String pipeline) {
        home(pipeline).leave();
    }

    @Override
    public List<RunStore> open() {
        return homes.values().stream()
                .flatMap(home -> Stream.ofNullable(home.runs))
                .toList();
    }

    /** Says which run of a pipeline that is taken is the one. */
    void announce(String pipeline, String run) {
        home(pipeline).announce(run);
    }

    private Home home(String pipeline) {
        return homes.computeIfAbsent(pipeline, Home::new);
    }

    /** Gives back all, and leaves the control files of what runs where they are, so that a successor finds it. */
    @Override
    public void close() {
        homes.values().forEach(home -> home.shut(false));
    }

    private final class Home {
        private final String pipeline;
        private final Path directory;
        private int users;
        private @Nullable HomeLock lock;
        private @Nullable Store store;
        private volatile @Nullable RunStore runs;

        Home(String pipeline) {
            this.pipeline = pipeline;
            this.directory = ControlPlaneConfig.pipelineDirectory(stateHome, pipeline);
        }

        synchronized RunStore take() {
            RunStore opened = runs == null ? opened() : runs;
            users++;
            return opened;
        }

        private RunStore opened() {
            try {
                PrivateFiles.directory(directory);
                lock = HomeLock.take(directory);
                store = XodusStore.open(PrivateFiles.directory(directory.resolve("store")));
                RunStore opened = new RunStore(store, keepRuns);
                onOpen.accept(pipeline, opened);
                write("");
                runs = opened;
                return opened;
            } catch (IOException e) {
                shut(false);
                throw new ControlPlaneException(
                        Kind.ENVIRONMENT,
                        "controlplane.no_state",
                        "the directory " + directory + " of pipeline \"" + pipeline + "\" cannot be used: "
                                + e.getMessage(),
                        e);
            } catch (RuntimeException e) {
                shut(false);
                throw e;
            }
        }

        synchronized RunStore hold() {
            RunStore held = runs;
            if (held == null) {
                throw new IllegalStateException("pipeline " + pipeline + " has not been taken");
            }
            users++;
            return held;
        }

        synchronized void leave() {
            // After the control plane has closed, what still comes in finds nothing to leave.
            if (runs != null && --users == 0) {
                shut(true);
            }
        }

        synchronized void announce(String run) {
            if (runs == null) {
                return;
            }
            try {
                write(run);
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "control file not written, so others will not find this run pipeline=" + pipeline,
                        e);
            }
        }

        private void write(String run) throws IOException {
            BiFunction<String, String, ControlFile> file = self;
            if (file != null) {
                file.apply(pipeline, run).write(directory);
            }
        }

        synchronized void shut(boolean done) {
            runs = null;
            users = 0;
            try (HomeLock _ = lock;
                    Store _ = store) {
                if (done) {
                    ControlFile.removeOwn(directory, ProcessHandle.current().pid());
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "pipeline not given back cleanly pipeline=" + pipeline, e);
            } finally {
                lock = null;
                store = null;
            }
        }
    }
}
