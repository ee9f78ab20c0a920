// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import io.fiso.transform.bounds.BoundedFunctions;
import io.fiso.transform.compiled.Bindings;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The dialect: variables, functions, options. Costly to set up, so it waits until the first expression that needs it. */
final class CelLanguage {
    /** In the order that messages list them. */
    static final List<String> VARIABLES =
            List.of("data", "id", "type", "source", "subject", "time", "correlationid", "ext");

    /** What macros put in, and no expression can name. */
    static final Set<String> HIDDEN =
            Set.of(OwnFunctions.NOW, OwnFunctions.ID, OwnFunctions.SOURCE, EventJson.VARIABLE);

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .evaluateCanonicalTypesToNativeValues(true)
            .enableTimestampEpoch(true)
            .build();

    private CelLanguage() {}

    /** What every expression can use, whatever its variables are. */
    private static CelCompilerBuilder compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addMacros(OwnFunctions.macros())
                .addVar(EventJson.VARIABLE, SimpleType.DYN)
                .addVar(OwnFunctions.NOW, SimpleType.TIMESTAMP)
                .addFunctionDeclarations(MixedArithmetic.declarations())
                .addFunctionDeclarations(OwnFunctions.declarations())
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.math(OPTIONS),
                        CelExtensions.encoders(OPTIONS),
                        CelExtensions.lists(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.regex(),
                        CelOptionalLibrary.INSTANCE)
                .addFunctionDeclarations(MixedMath.declarations());
    }

    private static final class Compiler {
        static final CelCompiler INSTANCE = compiler()
                .addMacros(OwnFunctions.eventMacros())
                .addVar(OwnFunctions.ID, SimpleType.STRING)
                .addVar(OwnFunctions.SOURCE, SimpleType.STRING)
                .addVar("data", SimpleType.DYN)
                .addVar("id", SimpleType.STRING)
                .addVar("type", SimpleType.STRING)
                .addVar("source", SimpleType.STRING)
                .addVar("subject", SimpleType.DYN)
                .addVar("time", SimpleType.DYN)
                .addVar("correlationid", SimpleType.DYN)
                .addVar("ext", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .build();
    }

    private static final class Runtime {
        private static final List<CelFunctionBinding> BOUNDED = bounded(new Bindings(OPTIONS, libraries(), own()));

        static final CelRuntime INSTANCE = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardFunctions(standardFunctions())
                // Of two bindings for the same overload the first one counts.
                .addFunctionBindings(BOUNDED)
                .addFunctionBindings(own())
                .addLibraries(libraries())
                .build();

        static final Bindings BINDINGS = new Bindings(
                OPTIONS,
                libraries(),
                Stream.concat(own().stream(), BOUNDED.stream()).toList());

        private static List<CelFunctionBinding> bounded(Bindings plain) {
            return BoundedFunctions.bindings(plain::binding, plain.equality());
        }

        private static CelStandardFunctions standardFunctions() {
            var equality = RuntimeEquality.create(RuntimeHelpers.create(), OPTIONS);
            return CelStandardFunctions.newBuilder()
                    .filterFunctions((_, overload) -> !BoundedFunctions.contains(
                            overload.newFunctionBinding(OPTIONS, equality).getOverloadId()))
                    .build();
        }

        private static List<CelFunctionBinding> own() {
            return Stream.of(MixedArithmetic.bindings(), MixedMath.bindings(), OwnFunctions.bindings())
                    .flatMap(List::stream)
                    .toList();
        }

        private static List<CelRuntimeLibrary> libraries() {
            return List.of(
                    CelExtensions.strings(),
                    CelExtensions.math(OPTIONS),
                    CelExtensions.encoders(OPTIONS),
                    CelExtensions.lists(),
                    CelExtensions.sets(OPTIONS),
                    CelExtensions.regex(),
                    CelOptionalLibrary.INSTANCE);
        }
    }

    /** The functions, as the compiler calls them. */
    static Bindings bindings() {
        return Runtime.BINDINGS;
    }

    /**
     * Parses and checks an expression over an event.
     *
     * @param label what {@code uuid()} in it depends on
     */
    static CelAbstractSyntaxTree check(String field, String label, String expression, ExpressionKind kind)
            throws InvalidExpressionException {
        return check(new Mistakes(field, expression, kind, VARIABLES), label, expression, kind, Compiler.INSTANCE);
    }

    /** Parses and checks an expression over variables of any type. */
    static CelAbstractSyntaxTree check(String expression, List<String> variables) throws InvalidExpressionException {
        var builder = compiler();
        variables.forEach(variable -> builder.addVar(variable, SimpleType.DYN));
        var kind = ExpressionKind.CONDITION;
        return check(new Mistakes("", expression, kind, variables), "", expression, kind, builder.build());
    }

    private static CelAbstractSyntaxTree check(
            Mistakes mistakes, String label, String expression, ExpressionKind kind, CelCompiler compiler)
            throws InvalidExpressionException {
        if (expression.isBlank()) {
            throw mistakes.empty();
        }
        if (Nesting.hasLongChain(expression)) {
            throw mistakes.tooDeep();
        }
        var result = OwnFunctions.parsing(label, () -> compiler.compile(expression));
        if (result.hasError()) {
            throw mistakes.of(result.getErrors());
        }
        try {
            var ast = result.getAst();
            if (Nesting.isDeep(ast.getExpr())) {
                throw mistakes.tooDeep();
            }
            mistakes.check(ast);
            return ast;
        } catch (CelValidationException e) {
            throw new IllegalStateException("checked without errors, and yet: " + e.getMessage(), e);
        }
    }

    static CelRuntime.Program program(CelAbstractSyntaxTree ast) {
        try {
            return Runtime.INSTANCE.createProgram(ast);
        } catch (CelEvaluationException e) {
            throw new IllegalStateException("a checked expression has no program: " + e.getMessage(), e);
        }
    }

    /** Names that cannot start an expression on their own. */
    static final Set<String> KEYWORDS = Set.of("true", "false", "null", "in");
}
