// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.brokeraccess.BrokerLink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes jobs out of a queue of the broker, and acks each when it is settled. */
public final class QueueSource implements EventSource {
    private @Nullable BrokerLink link;
    private volatile @Nullable QueueReader reader;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new QueueSource(), args);
    }

    @Override
    public void open(SourceContext context) {
        QueueSourceConfig config = context.config(QueueSourceConfig.class);
        BrokerLink open = new BrokerLink(config.target(), context);
        link = open;
        reader = new QueueReader(open, config, context);
    }

    @Override
    public void run(SourceContext context) throws Exception {
        Objects.requireNonNull(reader, "run before open").run();
    }

    @Override
    public SourceEvent restore(OriginalRecord original) {
        return Objects.requireNonNull(reader, "restore before open").restore(original);
    }

    @Override
    public void close() {
        BrokerLink open = link;
        link = null;
        if (open != null) {
            open.close();
        }
    }
}
