// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a source's dead letters go that says nothing of it: to the broker, or to a file if its run has none. Decided once, before the first letter is
 * written, so that a pipeline whose events never fail asks nobody for a broker.
 */
final class DefaultDeadLetterStore implements DeadLetterStore {
    private static final System.Logger LOG = System.getLogger(DefaultDeadLetterStore.class.getName());

    private final BrokerDeadLetterStore stream;
    private final FileDeadLetterStore file;
    private volatile @Nullable DeadLetterStore chosen;

    DefaultDeadLetterStore(BrokerDeadLetterStore stream, FileDeadLetterStore file) {
        this.stream = stream;
        this.file = file;
    }

    @Override
    public String description() {
        DeadLetterStore present = chosen;
        return (present == null ? stream : present).description();
    }

    @Override
    public void write(List<DeadLetter> letters) throws Exception {
        DeadLetterStore present = chosen;
        if (present == null) {
            present = choose();
            chosen = present;
        }
        present.write(letters);
    }

    private DeadLetterStore choose() throws IOException, InterruptedException {
        try {
            stream.open();
            return stream;
        } catch (IOException e) {
            if (mayPass(e)) {
                throw e;
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "Dead letters of this source go to {0}: {1}",
                    file.description(),
                    e.getMessage());
            return file;
        }
    }

    /** There is a broker for this run, and it could not be started just now. Then letters are held: a part of them elsewhere would be hard to find. */
    private static boolean mayPass(IOException e) {
        return e.getCause() instanceof StatusRuntimeException answer
                && answer.getStatus().getCode() == Status.Code.UNAVAILABLE;
    }

    @Override
    public void close() throws IOException {
        try (file) {
            stream.close();
        }
    }
}
