// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** The delivery core: outbox, inbox, settlement ledger and lanes as plain state machines, with clock, transport and chance passed in. */
@NullMarked
package io.fiso.sdk.delivery;

import org.jspecify.annotations.NullMarked;
