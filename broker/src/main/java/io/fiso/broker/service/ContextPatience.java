// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.queue.Patience;
import io.grpc.Context;

/** That of a call: over when it is cancelled, its deadline is past or its connection is gone. */
record ContextPatience(Context context) implements Patience {
    @Override
    public boolean isOver() {
        return context.isCancelled();
    }

    @Override
    public void whenOver(Runnable run) {
        context.addListener(_ -> run.run(), Runnable::run);
    }
}
