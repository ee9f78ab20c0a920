// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What is asserted of errors. */
final class Refusals {
    private Refusals() {}

    static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            Kind kind, String code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOf(BrokerException.class)
                .satisfies(e -> org.assertj.core.api.Assertions.assertThat(
                                ((BrokerException) e).kind() + " " + ((BrokerException) e).code())
                        .isEqualTo(kind + " " + code));
    }
}
