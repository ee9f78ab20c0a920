// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.function.Consumer;

/** One event that was handed in from beside, and who wants to know what became of it. */
final class Injected extends InputLedger {
    private final Effects effects;
    private final Object token;
    private final Consumer<Fate> onEnd;

    Injected(Effects effects, Object token, Consumer<Fate> onEnd) {
        this.effects = effects;
        this.token = token;
        this.onEnd = onEnd;
        append();
    }

    @Override
    void onSettled(long entry, Fate fate, boolean inOrder) {
        onEnd.accept(fate);
        effects.injected(token, fate, failure(entry));
    }
}
