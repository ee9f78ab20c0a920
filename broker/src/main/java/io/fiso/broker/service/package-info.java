// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** The broker's faces: gRPC, and HTTP with JSON made from the same contracts. */
@NullMarked
package io.fiso.broker.service;

import org.jspecify.annotations.NullMarked;
