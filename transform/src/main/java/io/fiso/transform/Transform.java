// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;
import java.util.Map;

/**
 * A set of named expressions that make a JSON object from an event.
 *
 * <ol>
 *   <li>Thread-safe, stateless, and deterministic: the same event gives the same bytes.
 *   <li>Fields appear in the order of the map that was compiled.
 *   <li>Integers stay integers, decimals that are only copied keep their digits, an empty list stays {@code []}. Integers and decimals mix
 *       in arithmetic.
 *   <li>A missing field is an error, not null; {@code has(data.x)} asks first.
 *   <li>Every {@link TransformException} is about this event alone; the next one may succeed.
 * </ol>
 */
public interface Transform {
    /** Evaluates every field. JSON in ({@link EventView#data}), JSON out. */
    byte[] apply(EventView event) throws TransformException;

    /** Parses, checks and compiles all fields; reports the mistakes of all of them at once. */
    static Transform compile(Map<String, String> fields, Limits limits) throws InvalidExpressionException {
        return FieldsTransform.compile(fields, limits);
    }

    /** The mistakes that {@link #compile} would report; empty if there are none. */
    static List<ExpressionProblem> check(Map<String, String> fields) {
        var builder = ExpressionSet.builder(Limits.DEFAULT);
        builder.object(fields);
        return builder.problems();
    }
}
