// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;

/** Why a dead letter cannot go back. */
record Stays(Why why, long job, String queue) {
    enum Why {
        NOT_THERE(Kind.NOT_FOUND, "broker.job_not_found"),
        NO_LETTER(Kind.REFUSED, "broker.job_not_dead"),
        LEASED(Kind.REFUSED, "broker.job_leased"),
        NO_HOME(Kind.NOT_FOUND, "broker.resource_not_found");

        private final Kind kind;
        private final String code;

        Why(Kind kind, String code) {
            this.kind = kind;
            this.code = code;
        }
    }

    String message() {
        return switch (why) {
            case NOT_THERE -> "there is no job " + Long.toUnsignedString(job) + " in " + queue;
            case NO_LETTER -> "job " + job + " of " + queue + " is no dead letter: it was added here";
            case LEASED -> "job " + job + " of " + queue + " is handed out; replay it when its lease is over";
            case NO_HOME -> "job " + job + " came from " + queue + ", which is no longer there; create it first";
        };
    }

    BrokerException exception() {
        return new BrokerException(why.kind, why.code, message());
    }
}
