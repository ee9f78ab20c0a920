// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** HTTP with JSON, made from the contracts of gRPC services and their {@code google.api.http} options; and the OpenAPI document of it. */
@NullMarked
package io.fiso.broker.http;

import org.jspecify.annotations.NullMarked;
