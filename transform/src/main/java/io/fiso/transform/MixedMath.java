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

/** {@code math.round(data.price)} must not fail because this price happens to be whole: what CEL's math has for doubles only, for integers too. */
final class MixedMath {
    private static final List<String> ROUNDING = List.of("ceil", "floor", "round", "trunc");

    private MixedMath() {}

    static List<CelFunctionDecl> declarations() {
        var declarations = new ArrayList<CelFunctionDecl>();
        ROUNDING.forEach(name -> declarations.add(declaration(name, SimpleType.INT)));
        declarations.add(declaration("isNaN", SimpleType.BOOL));
        declarations.add(declaration("isInf", SimpleType.BOOL));
        declarations.add(declaration("isFinite", SimpleType.BOOL));
        return declarations;
    }

    private static CelFunctionDecl declaration(String name, CelType result) {
        return CelFunctionDecl.newFunctionDeclaration(
                "math." + name, CelOverloadDecl.newGlobalOverload(overload(name), result, SimpleType.INT));
    }

    private static String overload(String name) {
        return "fiso_math_" + name + "_int";
    }

    static List<CelFunctionBinding> bindings() {
        var bindings = new ArrayList<CelFunctionBinding>();
        ROUNDING.forEach(name -> bindings.add(CelFunctionBinding.from(overload(name), Long.class, number -> number)));
        bindings.add(CelFunctionBinding.from(overload("isNaN"), Long.class, _ -> false));
        bindings.add(CelFunctionBinding.from(overload("isInf"), Long.class, _ -> false));
        bindings.add(CelFunctionBinding.from(overload("isFinite"), Long.class, _ -> true));
        return bindings;
    }
}
