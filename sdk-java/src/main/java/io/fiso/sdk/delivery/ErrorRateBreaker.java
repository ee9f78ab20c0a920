// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;
import java.util.Locale;

/** Opens when too many events fail within a sliding window, and stays open until it is closed by hand. Time comes in with every call. */
final class ErrorRateBreaker {
    private static final int SLICES = 30;

    private final ErrorRate limit;
    private final long sliceNanos;
    private final long[] decided = new long[SLICES];
    private final long[] failed = new long[SLICES];
    private long slice = Long.MIN_VALUE;
    private String reason = "";

    ErrorRateBreaker(ErrorRate limit) {
        this.limit = limit;
        this.sliceNanos = Math.max(1, limit.window().toNanos() / SLICES);
    }

    /** So many events got their fate since the last call, so many of them by failing. */
    void count(long now, long events, long failures) {
        moveTo(Math.floorDiv(now, sliceNanos));
        int at = Math.floorMod(slice, SLICES);
        decided[at] += events;
        failed[at] += failures;
        if (failures > 0 && reason.isEmpty()) {
            judge();
        }
    }

    private void moveTo(long current) {
        if (slice == Long.MIN_VALUE || current - slice >= SLICES) {
            clear();
            slice = current;
        }
        while (slice < current) {
            slice++;
            int at = Math.floorMod(slice, SLICES);
            decided[at] = 0;
            failed[at] = 0;
        }
    }

    private void judge() {
        long events = Arrays.stream(decided).sum();
        long failures = Arrays.stream(failed).sum();
        if (events >= limit.minEvents() && failures >= limit.rate() * events) {
            reason = String.format(
                    Locale.ROOT,
                    "the error-rate breaker is open: %d of the last %d events failed (%d %%, the limit is %d %% within %d s); "
                            + "mend the cause, then resume",
                    failures,
                    events,
                    100 * failures / events,
                    Math.round(100 * limit.rate()),
                    limit.window().toSeconds());
        }
    }

    /** Why it is open, for people; empty if it is closed. */
    String reason() {
        return reason;
    }

    /** Closes it, and forgets what failed. */
    void close() {
        reason = "";
        clear();
    }

    private void clear() {
        Arrays.fill(decided, 0);
        Arrays.fill(failed, 0);
    }
}
