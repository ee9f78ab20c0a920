// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.time.Duration;
import java.util.Map;

/**
 * A source's way to its pipeline.
 *
 * <ol>
 *   <li><b>Threads:</b> all methods may be called from any thread.
 *   <li><b>Order:</b> the order of {@link #emit} calls is the order of events.
 *   <li><b>Count:</b> an event that {@link #emit} took is settled once, with one fate, or its position is not committed (guarantee D1).
 *   <li><b>Blocking:</b> {@link #emit} and {@link #await} block, nothing else does.
 *   <li><b>Failure:</b> what a component gives up on does not come back here: the framework writes its dead letter and settles it, or holds it,
 *       as the pipeline's {@code onFailure} says. A record that is no event is emitted as {@link SourceEvent#failed} at its place.
 * </ol>
 */
public interface SourceContext extends ComponentContext {
    /**
     * Hands an event to the pipeline. Blocks while a bound is full: the window of a slow edge, or {@code maxSpan} positions of the
     * partition above its oldest unsettled one (guarantee D3). Positions of one partition must grow with every call; gaps are
     * fine.
     *
     * @throws InterruptedException if the stop's grace is spent while this waits; the event was not accepted
     */
    void emit(SourceEvent event) throws InterruptedException;

    /**
     * Whether {@link #emit} for this partition would go through without waiting. For sources that must not block, such as a Kafka
     * consumer, which pauses the partition instead.
     */
    boolean ready(String partition);

    /** Waits until something changes for {@link #ready} or {@link #settled}, the source is stopping, or the timeout passed. */
    void await(Duration timeout) throws InterruptedException;

    /**
     * Takes up a partition: what stood beside its committed position, as {@link #settled} once gave it, so that the run's totals go on
     * from there (guarantee D10). Call it before the partition's first {@link #emit}, with an empty text where nothing was
     * committed yet. A ledger of another run counts as nothing; one that cannot be read does too, with a warning.
     *
     * @throws IllegalStateException if the partition is taken up already
     */
    void resumed(String partition, String ledger);

    /**
     * The positions that may be committed, for partitions where that moved since the last call: the position after the last of the
     * settled prefix (guarantee D1), with its ledger. Commit both durably in one step, then tell {@link #committed}.
     */
    Map<String, SettledPosition> settled();

    /** Tells that these positions are durably committed outside, each with its ledger. */
    void committed(Map<String, SettledPosition> positions);

    /**
     * Forgets a partition that is no longer this source's. Its unsettled events are recalled where nothing has started them; what
     * settles later is ignored, and its totals go on with who takes it up next. Emitting to it again starts it anew.
     */
    void release(String partition);

    /**
     * A position kept for this source under the component's state directory, for outside systems that keep none. With it, the
     * framework commits: {@link #settled} stays empty, and {@link Checkpoint#position} tells where to go on.
     */
    Checkpoint checkpoint();

    /**
     * Where dead letters of this source go. By default to the stream {@code default/<pipeline>/streams/<dead letter topic>} of the broker, which is asked for when
     * the first letter comes, or to a file under the pipeline's state directory if the run has no broker. Set in {@code open}.
     */
    void deadLetters(DeadLetterStore store);

    /** How many records wait outside beyond what was emitted, for status and metrics. */
    void lag(String partition, long records);

    /**
     * Says what the source waits for outside, in words for people: status shows it, and the source does not count as stuck meanwhile. Empty once it goes
     * on.
     */
    void holding(String reason);

    /**
     * True once whoever feeds the outside of this source has ended, so that nothing more comes: emit what stands there, up to an end that is looked up
     * after this turned true, then return from {@code run}. Never goes back. It concerns sources between two parts of a pipeline alone.
     */
    boolean finishing();

    /** True once a stop or drain began: emit nothing more, return from {@code run}. */
    boolean stopping();
}
