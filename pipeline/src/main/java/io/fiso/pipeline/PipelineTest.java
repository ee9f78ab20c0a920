// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One test: what sources emit, what stands in for components, and what should come of it. Events are written as in the JSON format of CloudEvents,
 * extension attributes beside the others. Lines are those of the test file.
 *
 * @param given for every source of the pipeline
 * @param stubs processors that are replaced, and sinks that fail
 * @param expect sinks that are looked at
 * @param letters all dead letters
 * @param lettersLine where they are listed, or else where the test begins
 * @param runFails how the run fails; empty if it must not
 */
public record PipelineTest(
        String name,
        int line,
        Duration timeout,
        Map<String, List<Given>> given,
        Map<String, Stub> stubs,
        Map<String, Arrivals> expect,
        List<Letter> letters,
        int lettersLine,
        Optional<RunFailure> runFails) {

    /** A whole event that a source emits. */
    public record Given(Optional<String> key, ObjectNode event) {}

    /**
     * What a component does instead of its work.
     *
     * @param pass whether events go on as they came; of a sink always
     * @param emit what each becomes otherwise
     * @param failures what fails before; the first that matches counts
     */
    public record Stub(boolean pass, List<Emitted> emit, List<Failure> failures) {
        /** Passes on, or collects. */
        public static final Stub PASS = new Stub(true, List.of(), List.of());
    }

    /** The event that came, but for these attributes and this data. */
    public record Emitted(ObjectNode attributes, Optional<JsonNode> data) {}

    /**
     * A failure.
     *
     * @param match what an event must have to fail; empty for every event
     * @param permanent whether trying again is no use; empty if the status of HTTP that the code is decides
     * @param times how many attempts of each event fail; 0 for all
     */
    public record Failure(
            Optional<ObjectNode> match, String code, String message, Optional<Boolean> permanent, int times) {
        /** What codes look like that are a status of HTTP. */
        public static final String STATUS = "[1-5][0-9][0-9]";
    }

    /**
     * What arrives at a sink.
     *
     * @param unordered whether events of one key may come in any order too
     * @param exactly whether data must be as given as a whole
     */
    public record Arrivals(int line, List<Event> events, boolean unordered, boolean exactly) {}

    /** What an event must have; null where it must have nothing. */
    public record Event(int line, Optional<String> key, ObjectNode event) {}

    /** What a dead letter must have. */
    public record Letter(
            int line,
            Optional<String> code,
            Optional<String> message,
            Optional<String> component,
            Optional<String> source,
            OptionalInt attempts,
            Optional<String> id,
            Optional<JsonNode> data) {}

    /** What the first error of a run must have. */
    public record RunFailure(int line, Optional<String> component, Optional<String> message) {}
}
