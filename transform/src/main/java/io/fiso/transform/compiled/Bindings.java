// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.common.CelOptions;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelInternalRuntimeLibrary;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Every function there is, by overload: the very objects that the interpreter calls, so that a function has one definition. */
public final class Bindings {
    private final Map<String, CelFunctionBinding> byOverload = new HashMap<>();
    private final RuntimeEquality equality;

    /** The standard functions, these libraries' and these. */
    public Bindings(
            CelOptions options, Iterable<? extends CelRuntimeLibrary> libraries, Iterable<CelFunctionBinding> own) {
        equality = RuntimeEquality.create(RuntimeHelpers.create(), options);
        for (var function : CelStandardFunctions.ALL_STANDARD_FUNCTIONS) {
            add(function.newFunctionBindings(options, equality));
        }
        for (var library : libraries) {
            if (library instanceof CelInternalRuntimeLibrary internal) {
                internal.setRuntimeOptions(collector(), equality, options);
            } else {
                library.setRuntimeOptions(collector());
            }
        }
        add(own);
    }

    private void add(Iterable<?> bindings) {
        for (var binding : bindings) {
            if (binding instanceof CelFunctionBinding found) {
                byOverload.put(found.getOverloadId(), found);
            }
        }
    }

    /** A library tells its functions to a builder only. */
    private CelRuntimeBuilder collector() {
        return (CelRuntimeBuilder) Proxy.newProxyInstance(
                Bindings.class.getClassLoader(),
                new Class<?>[] {CelRuntimeBuilder.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("addFunctionBindings")) {
                        add(arguments[0] instanceof Object[] several ? List.of(several) : (Iterable<?>) arguments[0]);
                    }
                    return method.getReturnType() == CelRuntimeBuilder.class ? proxy : null;
                });
    }

    /** @throws Unsupported if it has a function that is not called like others */
    CallSite site(String function, List<String> overloads) throws Unsupported {
        var candidates = new ArrayList<CelFunctionBinding>();
        for (var overload : overloads) {
            var binding = byOverload.get(overload);
            if (binding != null) {
                if (!binding.isStrict()) {
                    throw new Unsupported("the function " + function + " takes errors");
                }
                candidates.add(binding);
            }
        }
        if (candidates.isEmpty()) {
            throw new Unsupported("the function " + function);
        }
        return new CallSite(function, candidates);
    }

    /** The binding of an overload that there is. */
    public CelFunctionBinding binding(String overload) {
        return Objects.requireNonNull(byOverload.get(overload), overload);
    }

    /** As cel-java has it. */
    public RuntimeEquality equality() {
        return equality;
    }
}
