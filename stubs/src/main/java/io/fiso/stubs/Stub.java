// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.fiso.sdk.FisoComponent;

/** Runs the stub that the only argument names. One program for all three, so that they share what makes a start fast. */
public final class Stub {
    private Stub() {}

    /** {@code source}, {@code processor} or {@code sink}. */
    public static void main(String[] args) {
        switch (args.length == 1 ? args[0] : "") {
            case "source" -> FisoComponent.run(new StubSource());
            case "processor" -> FisoComponent.run(new StubProcessor());
            case "sink" -> FisoComponent.run(new StubSink());
            default -> {
                System.err.println("a stub is a source, a processor or a sink; fisoctl test starts it");
                System.exit(2);
            }
        }
    }
}
