// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** The events of one upstream, or of one source partition, and what is outstanding for each. */
abstract class InputLedger {}
