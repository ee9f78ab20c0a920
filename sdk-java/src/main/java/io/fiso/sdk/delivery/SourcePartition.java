// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** One partition of a source's outside system; get it from {@link DeliveryCore#partition}. */
public final class SourcePartition {
    private final String name;

    SourcePartition(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }
}
