// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.util.Map;

/**
 * What it takes to find an instance again, as plain data: it is stored, and read by later versions. Only the driver that made it
 * understands its fields. It holds no secret.
 *
 * @param driver the name of the driver that made it
 * @param version the version of the fields' meaning, from 1
 * @param fields the driver's own
 */
public record Handle(String driver, int version, Map<String, String> fields) {
    public Handle {
        fields = Map.copyOf(fields);
    }

    /** A field that must be there. */
    public String field(String name) throws DriverException {
        String value = fields.get(name);
        if (value == null) {
            throw new DriverException(
                    "driver.bad_handle",
                    "the stored handle of driver \"" + driver + "\" (version " + version + ") lacks the field \"" + name
                            + "\"; it was written by another version of Fiso, or damaged");
        }
        return value;
    }
}
