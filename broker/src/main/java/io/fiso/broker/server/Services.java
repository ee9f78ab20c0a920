// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.metrics.Metrics;
import io.fiso.broker.store.Store;
import io.grpc.BindableService;
import java.util.List;

/**
 * What a broker serves.
 *
 * @param list each on both surfaces
 * @param metrics of what is served
 * @param ending ends what would not end by itself (subscriptions, long polls), when no new calls are taken any more; the store is still there
 */
public record Services(List<BindableService> list, Metrics.Source metrics, Runnable ending) {
    /** Makes them over a store that has been opened. */
    @FunctionalInterface
    public interface Opening {
        Services over(Store store, Catalogue catalogue);
    }

    public Services {
        list = List.copyOf(list);
    }

    /** Without metrics of their own. */
    public Services(List<BindableService> list, Runnable ending) {
        this(list, List::of, ending);
    }
}
