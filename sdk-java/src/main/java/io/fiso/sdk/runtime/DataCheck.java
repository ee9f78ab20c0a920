// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.schema.DataSchema;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.MalformedEventException;
import io.fiso.sdk.event.WireEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the data of events against the JSON Schema that the pipeline gives the component. A component without one has no check, and nothing
 * of the validator is loaded. Thread-safe.
 */
final class DataCheck {
    private final DataSchema schema;

    private DataCheck(DataSchema schema) {
        this.schema = schema;
    }

    /** The check that the settings ask for; null for none. */
    static @Nullable DataCheck of(ComponentSettings settings) {
        Map<?, ?> given = settings.dataSchema().orElse(null);
        if (given == null) {
            return null;
        }
        try {
            return new DataCheck(DataSchema.compile(given));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("validate.jsonSchema: " + e.getMessage()));
        }
    }

    /** Why this event is not taken in; empty if it is. */
    Optional<DeliveryException> refusal(WireEvent event) {
        String violation;
        try {
            violation = schema.violation(event.array(), event.dataOffset(), event.dataLength());
        } catch (MalformedEventException e) {
            violation = "the event cannot be read: " + e.getMessage();
        }
        return violation == null
                ? Optional.empty()
                : Optional.of(DeliveryException.permanent(DataSchema.CODE, violation));
    }
}
