// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** A component's process: registration, streams over gRPC, health, metrics, logs. */
@NullMarked
package io.fiso.sdk.runtime;

import org.jspecify.annotations.NullMarked;
