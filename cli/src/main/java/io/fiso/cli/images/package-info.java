// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Container images: what goes into them, made on this machine, and the program that builds them. */
@NullMarked
package io.fiso.cli.images;

import org.jspecify.annotations.NullMarked;
