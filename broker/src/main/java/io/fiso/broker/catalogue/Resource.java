// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Durability;
import java.time.Instant;

/**
 * A stream, queue or key-value store that is there.
 *
 * @param id by which all that it holds is kept; never given to another, so one that is made anew under an old name has nothing of the old one
 */
public record Resource(long id, ResourceName name, Durability durability, Settings settings, Instant created) {
    public Resource {
        if (settings.kind() != name.kind()) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.settings_of_other_kind",
                    name + " is of kind " + name.kind().segment() + ", but has settings of kind "
                            + settings.kind().segment());
        }
    }

    public Settings.Stream stream() {
        return (Settings.Stream) settings;
    }

    public Settings.Queue queue() {
        return (Settings.Queue) settings;
    }

    public Settings.KeyValue keyValue() {
        return (Settings.KeyValue) settings;
    }
}
