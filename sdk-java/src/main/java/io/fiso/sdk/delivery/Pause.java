// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a source is held: by somebody who asked for it, or by its own breaker. */
final class Pause {
    private final @Nullable ErrorRateBreaker breaker;
    private String asked = "";
    private long decided;
    private long failed;

    Pause(Optional<ErrorRate> limit) {
        this.breaker = limit.map(ErrorRateBreaker::new).orElse(null);
    }

    /** An event has its fate on every path; a failed one counts before its dead letter is written. */
    void decided(boolean failure) {
        decided++;
        if (failure) {
            failed++;
        }
    }

    /** Looks at what was decided since the last turn: so the clock is read once for all of it. */
    void turn(long now) {
        if (decided > 0 && breaker != null) {
            breaker.count(now, decided, failed);
        }
        decided = 0;
        failed = 0;
    }

    void pause(String reason) {
        asked = reason.isEmpty() ? "paused on request" : "paused on request: " + reason;
    }

    void resume() {
        asked = "";
        if (breaker != null) {
            breaker.close();
        }
    }

    /** Why nothing is emitted, for people; empty if it is not held. */
    String reason() {
        return asked.isEmpty() && breaker != null ? breaker.reason() : asked;
    }
}
