// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;

/** A change that is asked for. */
public sealed interface Operation {
    int VALUE_BYTES_MAX = 4 * 1024 * 1024;

    Key key();

    Condition condition();

    /** @param value up to {@link #VALUE_BYTES_MAX}; not to be changed afterwards */
    @SuppressWarnings("ArrayRecordComponent")
    record Put(Key key, byte[] value, Life life, Condition condition) implements Operation {
        /** @throws BrokerException if the value is too large */
        public Put {
            if (value.length > VALUE_BYTES_MAX) {
                throw tooLarge(value.length);
            }
        }
    }

    record Delete(Key key, Condition condition) implements Operation {}

    /** What is answered to a value of so many bytes. */
    static BrokerException tooLarge(int bytes) {
        return new BrokerException(
                Kind.INVALID,
                "broker.payload_too_large",
                bytes + " bytes of value are more than the " + VALUE_BYTES_MAX
                        + " that a key can have; nothing was written");
    }
}
