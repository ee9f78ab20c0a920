// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/** Certificates that the control plane issues. Knows no files. */
@NullMarked
package io.fiso.controlplane.tls;

import org.jspecify.annotations.NullMarked;
