// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import io.fiso.transform.EventView;

/** JSON bytes in, JSON bytes out; made once, used for event after event. */
@FunctionalInterface
interface Mapping {
    byte[] apply(EventView event) throws Exception;
}
