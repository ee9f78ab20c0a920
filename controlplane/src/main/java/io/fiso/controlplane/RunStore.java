// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Handle;
import io.fiso.proto.control.v1.Run;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Runs on disk: the history that people see, and what it takes to find the instances of a live run again. */
final class RunStore {
    /** How many runs of each pipeline are kept. */
    static final int HISTORY_MAX = 100;

    private static final String RUNS = "runs";
    private static final String LIVE = "live";
    private static final String GENERATIONS = "generations";
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Store store;

    RunStore(Store store) {
        this.store = store;
    }

    /**
     * What a successor needs to find a live run's instances.
     *
     * @param run the run's id
     * @param pipeline its pipeline
     * @param fingerprint of the resolved pipeline
     * @param token the token its components present
     * @param wiringVersion the highest wiring version handed out
     * @param lastGeneration the highest generation granted
     * @param instances every instance that may be alive
     */
    record LiveRun(
            String run,
            String pipeline,
            String fingerprint,
            String token,
            long wiringVersion,
            long lastGeneration,
            List<LiveInstance> instances) {}

    /** One instance; the registration's fields are empty until it has registered. */
    record LiveInstance(
            String component,
            int replica,
            int launch,
            Handle handle,
            String instance,
            long generation,
            String address) {}

    /** Stores a run that lives. */
    void saveLive(Run run, LiveRun live) {
        List<Store.Change> changes = new ArrayList<>();
        changes.add(Store.Change.put(RUNS, run.getId(), run.toByteArray()));
        changes.add(Store.Change.put(LIVE, run.getId(), JSON.writeValueAsBytes(live)));
        changes.add(generation(live.pipeline(), live.lastGeneration()));
        store.write(changes);
    }

    /** Stores how a run ended, and forgets the oldest beyond the bound. */
    void saveEnded(Run run, long lastGeneration) {
        List<Store.Change> changes = new ArrayList<>();
        changes.add(Store.Change.put(RUNS, run.getId(), run.toByteArray()));
        changes.add(Store.Change.delete(LIVE, run.getId()));
        if (lastGeneration > 0) {
            changes.add(generation(run.getPipeline(), lastGeneration));
        }
        history().stream()
                .filter(old -> old.getPipeline().equals(run.getPipeline())
                        && !old.getId().equals(run.getId()))
                .skip(HISTORY_MAX - 1)
                .forEach(old -> changes.add(Store.Change.delete(RUNS, old.getId())));
        store.write(changes);
    }

    private static Store.Change generation(String pipeline, long generation) {
        return Store.Change.put(GENERATIONS, pipeline, Long.toString(generation).getBytes(StandardCharsets.US_ASCII));
    }

    /** The highest generation ever granted in this pipeline. */
    long lastGeneration(String pipeline) {
        return store.read(GENERATIONS, pipeline)
                .map(value -> Long.parseLong(new String(value, StandardCharsets.US_ASCII)))
                .orElse(0L);
    }

    Optional<Run> find(String id) {
        return store.read(RUNS, id).map(RunStore::parse);
    }

    /** Every run, newest first. */
    List<Run> history() {
        return store.readAll(RUNS).values().stream()
                .map(RunStore::parse)
                .sorted(Comparator.comparing(Run::getId).reversed())
                .toList();
    }

    /** Runs that no one has ended: what an earlier control plane left. */
    Map<String, LiveRun> live() {
        Map<String, LiveRun> live = new java.util.TreeMap<>();
        store.readAll(LIVE).forEach((run, value) -> live.put(run, JSON.readValue(value, LiveRun.class)));
        return live;
    }

    private static Run parse(byte[] value) {
        try {
            return Run.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new ControlPlaneException(
                    Kind.INTERNAL, "store.damaged", "a stored run cannot be read: " + e.getMessage(), e);
        }
    }
}
