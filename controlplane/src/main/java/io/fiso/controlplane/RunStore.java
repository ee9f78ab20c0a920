// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Handle;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.Run;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Runs on disk: the history that people see, and what it takes to find the instances of a live run again. */
final class RunStore {
    private static final String RUNS = "runs";
    private static final String LIVE = "live";
    private static final String AUDITS = "audits";
    private static final String GENERATIONS = "generations";
    private static final String PIPELINES = "pipelines";
    private static final System.Logger LOG = System.getLogger(RunStore.class.getName());
    private static final JsonMapper JSON = JsonMapper.builder()
            .addMixIn(ResolvedComponent.Launch.class, LaunchKinds.class)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Store store;
    private final int keepRuns;

    /** @param keepRuns how many runs of each pipeline are kept */
    RunStore(Store store, int keepRuns) {
        this.store = store;
        this.keepRuns = keepRuns;
    }

    /**
     * What a successor needs to take a live run over.
     *
     * @param run the run's id
     * @param pipeline its pipeline
     * @param fingerprint of the resolved pipeline
     * @param token the token its components present
     * @param wiringVersion the highest wiring version handed out, as far as stored
     * @param lastGeneration the highest generation granted
     * @param startedAt when it was started
     * @param firstError the first error, if there was one
     * @param paused why it is held; empty if it is not
     * @param ending whether its end had begun
     * @param instances one for every replica
     */
    record LiveRun(
            String run,
            String pipeline,
            String fingerprint,
            String token,
            long wiringVersion,
            long lastGeneration,
            Instant startedAt,
            Optional<Failure> firstError,
            String paused,
            boolean ending,
            List<LiveInstance> instances) {
        LiveRun {
            instances = List.copyOf(instances);
        }

        Optional<LiveInstance> instance(ReplicaId id) {
            return instances.stream()
                    .filter(instance -> instance.component().equals(id.component()) && instance.replica() == id.index())
                    .findFirst();
        }
    }

    /**
     * One replica.
     *
     * @param launch the number of its last launch; 0 if it was never launched
     * @param handle how to find what may be alive of it: the instance's own, or what was stored before its start; empty if nothing can be alive
     * @param pid its process id; 0 if unknown
     * @param gone why it ended for good; empty if it did not
     * @param generation the highest generation granted to it
     * @param restarts how often it was started again
     * @param said what it registered with, in base64; empty if it had not
     */
    record LiveInstance(
            String component,
            int replica,
            int launch,
            Optional<Handle> handle,
            long pid,
            String gone,
            long generation,
            int restarts,
            String said) {
        static String encoded(MessageLite message) {
            return Base64.getEncoder().encodeToString(message.toByteArray());
        }

        ReplicaId id() {
            return new ReplicaId(component, replica);
        }

        Optional<RegisterComponentRequest> registration() {
            return said.isEmpty() ? Optional.empty() : Optional.of(decoded(said, RegisterComponentRequest.parser()));
        }

        private static <M> M decoded(String text, Parser<M> parser) {
            try {
                return parser.parseFrom(Base64.getDecoder().decode(text));
            } catch (InvalidProtocolBufferException e) {
                throw damaged(e);
            }
        }
    }

    /** How the kinds of launch are told apart in what is stored. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ResolvedComponent.Launch.Java.class, name = "java"),
        @JsonSubTypes.Type(value = ResolvedComponent.Launch.Command.class, name = "command"),
        @JsonSubTypes.Type(value = ResolvedComponent.Launch.Image.class, name = "image")
    })
    private interface LaunchKinds {}

    /** Stores a run that begins, with all that it takes to go on with it. */
    void begin(Run run, LiveRun live, ResolvedPipeline pipeline) {
        store.write(List.of(Store.Change.put(PIPELINES, run.getId(), JSON.writeValueAsBytes(pipeline))));
        saveLive(run, live);
    }

    /** The pipeline of a live run, as it was resolved; empty if it was stored by a version that kept none. */
    Optional<ResolvedPipeline> pipeline(String run) {
        try {
            return store.read(PIPELINES, run).map(value -> JSON.readValue(value, ResolvedPipeline.class));
        } catch (JacksonException e) {
            LOG.log(System.Logger.Level.WARNING, "stored pipeline not understood run=" + run, e);
            return Optional.empty();
        }
    }

    /** Stores a run that lives. */
    void saveLive(Run run, LiveRun live) {
        List<Store.Change> changes = new ArrayList<>();
        changes.add(Store.Change.put(RUNS, run.getId(), run.toByteArray()));
        changes.add(Store.Change.put(LIVE, run.getId(), JSON.writeValueAsBytes(live)));
        changes.add(generation(live.pipeline(), live.lastGeneration()));
        store.write(changes);
    }

    /** Stores how a run ended, and forgets the oldest beyond the bound. */
    void saveEnded(Run run, long lastGeneration, AuditRunResponse audit) {
        List<Store.Change> changes = new ArrayList<>();
        changes.add(Store.Change.put(RUNS, run.getId(), run.toByteArray()));
        changes.add(Store.Change.put(
                AUDITS, run.getId(), audit.toBuilder().clearRun().build().toByteArray()));
        changes.add(Store.Change.delete(LIVE, run.getId()));
        changes.add(Store.Change.delete(PIPELINES, run.getId()));
        if (lastGeneration > 0) {
            changes.add(generation(run.getPipeline(), lastGeneration));
        }
        history().stream()
                .filter(old -> old.getPipeline().equals(run.getPipeline())
                        && !old.getId().equals(run.getId()))
                .skip(keepRuns - 1)
                .forEach(old -> {
                    changes.add(Store.Change.delete(RUNS, old.getId()));
                    changes.add(Store.Change.delete(AUDITS, old.getId()));
                });
        store.write(changes);
    }

    /** The sums of a run: as of its end, or else what it last showed comes to. */
    AuditRunResponse audit(Run run) {
        return store.read(AUDITS, run.getId())
                .map(value -> {
                    try {
                        return AuditRunResponse.parseFrom(value).toBuilder()
                                .setRun(run)
                                .build();
                    } catch (InvalidProtocolBufferException e) {
                        throw damaged(e);
                    }
                })
                .orElseGet(() -> Audit.of(run));
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
        store.readAll(LIVE).forEach((run, value) -> {
            try {
                live.put(run, JSON.readValue(value, LiveRun.class));
            } catch (JacksonException e) {
                throw damaged(e);
            }
        });
        return live;
    }

    private static Run parse(byte[] value) {
        try {
            return Run.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw damaged(e);
        }
    }

    private static ControlPlaneException damaged(Exception e) {
        return new ControlPlaneException(
                Kind.INTERNAL, "store.damaged", "a stored run cannot be read: " + e.getMessage(), e);
    }
}
