// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * Finds how many lanes should run at once, by what more of them bring.
 *
 * <p>By Little's law the events in flight are throughput times latency. If the outside can do more at once, more lanes raise the throughput in
 * proportion and leave the latency alone; if it cannot, they only queue up there: the throughput stays, and the latency grows in
 * proportion. So the slope of throughput over lanes, both as logarithms, tells the two apart: 1 where there is room, 0 where there is
 * none. Lanes are worth having while that slope is at least {@value #WORTH}.
 *
 * <ol>
 *   <li>Throughput is measured in windows of at least 100 ms and two answers per lane, after the answers of the last number of lanes
 *       have passed. Only answers count: an event that failed because the outside was out of reach brought nothing.
 *   <li>A window during which the lanes were not the limit says nothing, and is thrown away: the number stays.
 *   <li>It begins with {@value #FIRST} and doubles as long as that is worth it. After the first refusal it goes in steps of the square root
 *       of 2.
 *   <li>A step up that is not worth it is taken back; a step down is kept when the lanes that were given up had not been worth it. A step
 *       that was kept is followed by another in the same direction. One that was taken back is followed by a rest, each twice as long as
 *       the last, up to {@value #REST_MAX} windows, and then by one in the other direction: so what changed outside is found
 *       again, and the search costs next to nothing while nothing changes.
 *   <li>Where a call takes less than a millisecond, what is measured is this process and not the outside: then it takes {@value #SWIFT} lanes,
 *       or more if it has them, so that many answers are handled at each turn, and does not search.
 * </ol>
 *
 * <p>No clock and no thread of its own.
 */
final class AdaptiveParallelism {
    static final double WORTH = 0.25;
    static final int FIRST = 16;
    static final int REST_MAX = 16;
    static final int SWIFT = 64;
    private static final long SWIFT_NANOS = 1_000_000;
    private static final long WINDOW_NANOS = 100_000_000;
    private static final int ANSWERS_PER_LANE = 2;
    private static final double STEP = Math.sqrt(2);

    private final Parallelism bounds;
    private int limit;

    // The number to beat, and what it brought.
    private int base;
    private double baseRate;

    private boolean doubling = true;
    private int direction = 1;
    private int rest;
    private int restNext = 1;

    // The window.
    private int passing;
    private boolean open;
    private long openedNanos;
    private long answers;
    private long finished;
    private long bound;

    AdaptiveParallelism(Parallelism bounds) {
        this.bounds = bounds;
        this.limit = Math.clamp(FIRST, bounds.least(), bounds.most());
        this.base = limit;
    }

    /** How many may run now. */
    int limit() {
        return limit;
    }

    /**
     * An attempt has ended.
     *
     * @param answered whether the outside took part in it
     * @param limited whether more would have run if they might
     */
    void finished(boolean answered, boolean limited, long now) {
        if (!bounds.isAdaptive()) {
            return;
        }
        if (passing > 0) {
            passing--;
            return;
        }
        if (!open) {
            open = true;
            openedNanos = now;
            answers = 0;
            finished = 0;
            bound = 0;
            return;
        }
        finished++;
        answers += answered ? 1 : 0;
        bound += limited ? 1 : 0;
        if (finished >= (long) ANSWERS_PER_LANE * limit && now - openedNanos >= WINDOW_NANOS) {
            close(now);
        }
    }

    /** What was measured up to here means nothing: the outside was not asked as usual. */
    void interrupted() {
        open = false;
        passing = 0;
        limit = base;
        baseRate = 0;
    }

    private void close(long now) {
        open = false;
        double rate = (double) answers / (now - openedNanos);
        if (bound * 2 < finished || answers == 0) {
            if (limit != base) {
                go(base);
            }
            return;
        }
        if (limit / rate < SWIFT_NANOS) {
            swift();
        } else if (limit == base) {
            baseRate = rate;
            if (--rest <= 0) {
                probe();
            }
        } else {
            judge(rate);
        }
    }

    private void swift() {
        base = Math.max(limit, Math.clamp(SWIFT, bounds.least(), bounds.most()));
        baseRate = 0;
        rest = 0;
        if (base != limit) {
            go(base);
        }
    }

    private void judge(double rate) {
        boolean up = limit > base;
        double more = up ? rate : baseRate;
        double fewer = up ? baseRate : rate;
        double ratio = up ? (double) limit / base : (double) base / limit;
        boolean worthIt = more >= fewer * Math.pow(ratio, WORTH);
        if (worthIt == up) {
            base = limit;
            baseRate = rate;
            restNext = 1;
            probe();
        } else {
            doubling = false;
            direction = -direction;
            rest = restNext;
            restNext = Math.min(restNext * 2, REST_MAX);
            go(base);
        }
    }

    private void probe() {
        int next = stepped();
        if (next == base) {
            doubling = false;
            direction = -direction;
            next = stepped();
        }
        go(next);
    }

    private int stepped() {
        double step = doubling ? 2 : STEP;
        double target = direction > 0 ? Math.ceil(base * step) : Math.floor(base / step);
        return (int) Math.clamp(target, bounds.least(), bounds.most());
    }

    private void go(int lanes) {
        // What runs now was started under the old number.
        passing = limit;
        limit = lanes;
    }
}
