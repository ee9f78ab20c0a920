// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** JSON knows one kind of number, CEL two that it keeps apart. Here an int and a double calculate with each other, as doubles. */
final class MixedArithmetic {
    private MixedArithmetic() {}

    private record Operation(String operator, String name, DoubleBinaryOperator apply) {}

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("_+_", "add", Double::sum),
            new Operation("_-_", "subtract", (a, b) -> a - b),
            new Operation("_*_", "multiply", (a, b) -> a * b),
            new Operation("_/_", "divide", (a, b) -> a / b));

    static List<CelFunctionDecl> declarations() {
        return OPERATIONS.stream()
                .map(o -> CelFunctionDecl.newFunctionDeclaration(
                        o.operator(),
                        overload(o.name() + "_int64_double", SimpleType.INT, SimpleType.DOUBLE),
                        overload(o.name() + "_double_int64", SimpleType.DOUBLE, SimpleType.INT)))
                .toList();
    }

    // The operators are lambdas over nothing, which the checker cannot see.
    @SuppressWarnings("Immutable")
    static List<CelFunctionBinding> bindings() {
        var bindings = new ArrayList<CelFunctionBinding>();
        for (var o : OPERATIONS) {
            bindings.add(CelFunctionBinding.from(
                    o.name() + "_int64_double",
                    Long.class,
                    Double.class,
                    (a, b) -> o.apply().applyAsDouble(a, b)));
            bindings.add(CelFunctionBinding.from(
                    o.name() + "_double_int64",
                    Double.class,
                    Long.class,
                    (a, b) -> o.apply().applyAsDouble(a, b)));
        }
        return bindings;
    }

    private static CelOverloadDecl overload(String id, CelType left, CelType right) {
        return CelOverloadDecl.newGlobalOverload(id, SimpleType.DOUBLE, left, right);
    }
}
