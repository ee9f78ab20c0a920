// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/** Pipelines on Kubernetes: what is made there, how it is found again, and what its pods say. */
@NullMarked
package io.fiso.driver.kubernetes;

import org.jspecify.annotations.NullMarked;
