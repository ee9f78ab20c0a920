// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import io.fiso.sdk.delivery.Failure;

/** Why a component cannot go on, in words for people: the first reason is kept, since those after it often only follow. */
final class FirstError {
    private static final System.Logger LOG = System.getLogger(FirstError.class.getName());

    private final String component;
    private volatile String text = "";

    FirstError(String component) {
        this.component = component;
    }

    /** The first one; empty if there is none. */
    String text() {
        return text;
    }

    /** Answers this one in words. */
    String note(Throwable reason) {
        if (reason instanceof ConfigException config) {
            return keep("config of '" + component + "': " + String.join("; ", config.problems()));
        }
        LOG.log(System.Logger.Level.ERROR, "The component failed", reason);
        return keep(component + ": " + LanePart.reason(reason));
    }

    /** Answers this one in words: an event may neither be delivered nor given up. */
    String note(Failure failure) {
        String times = failure.attempts() == 1 ? "once" : failure.attempts() + " times";
        String message = component + ": event '" + failure.eventId() + "' failed " + times + " with " + failure.code()
                + " (" + failure.message() + "), and onFailure is fail";
        LOG.log(System.Logger.Level.ERROR, message);
        return keep(message);
    }

    private synchronized String keep(String message) {
        if (text.isEmpty()) {
            text = message;
        }
        return message;
    }
}
