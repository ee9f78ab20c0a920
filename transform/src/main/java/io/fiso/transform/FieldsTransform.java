// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Map;

/**
 * A transform that is an object of named expressions.
 *
 * @param set holds nothing else
 */
record FieldsTransform(ExpressionSet set, ExpressionSet.Handle.Json object) implements Transform {
    static FieldsTransform compile(Map<String, String> fields, Limits limits) throws InvalidExpressionException {
        var builder = ExpressionSet.builder(limits);
        var object = builder.object(fields);
        return new FieldsTransform(builder.build(), object);
    }

    @Override
    public byte[] apply(EventView event) throws TransformException {
        try (var evaluated = set.over(event)) {
            return evaluated.json(object);
        }
    }
}
