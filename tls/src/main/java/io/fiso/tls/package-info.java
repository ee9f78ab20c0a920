// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/** Mutual TLS between Fiso's processes, with what a directory holds: a key, a certificate, and whom to trust. */
@NullMarked
package io.fiso.tls;

import org.jspecify.annotations.NullMarked;
