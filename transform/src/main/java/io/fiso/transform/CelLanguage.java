// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
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
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelRuntimeLibrary;
import io.fiso.transform.compiled.Bindings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The dialect: variables, functions, options. Costly to set up, so it waits until the first expression that needs it. */
final class CelLanguage {
    /** In the order that messages list them. */
    static final List<String> VARIABLES =
            List.of("data", "id", "type", "source", "subject", "time", "correlationid", "ext");

    /** More steps than this in loops over lists and maps is a runaway. */
    private static final int MAX_ITERATIONS = 1_000_000;

    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .evaluateCanonicalTypesToNativeValues(true)
            .enableTimestampEpoch(true)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .build();

    private CelLanguage() {}

    /** What every expression can use, whatever its variables are. */
    private static CelCompilerBuilder compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addFunctionDeclarations(MixedArithmetic.declarations())
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.math(OPTIONS),
                        CelExtensions.encoders(OPTIONS),
                        CelExtensions.lists(),
                        CelOptionalLibrary.INSTANCE);
    }

    private static final class Compiler {
        static final CelCompiler INSTANCE = compiler()
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
        static final CelRuntime INSTANCE = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .addFunctionBindings(MixedArithmetic.bindings())
                .addLibraries(libraries())
                .build();

        static final Bindings BINDINGS = new Bindings(OPTIONS, libraries(), MixedArithmetic.bindings());

        private static List<CelRuntimeLibrary> libraries() {
            return List.of(
                    CelExtensions.strings(),
                    CelExtensions.math(OPTIONS),
                    CelExtensions.encoders(OPTIONS),
                    CelExtensions.lists(),
                    CelOptionalLibrary.INSTANCE);
        }
    }

    /** The functions, as the compiler calls them. */
    static Bindings bindings() {
        return Runtime.BINDINGS;
    }

    /** Parses and checks an expression over an event. */
    static CelAbstractSyntaxTree check(String field, String expression) throws InvalidExpressionException {
        return check(field, expression, VARIABLES, Compiler.INSTANCE);
    }

    /** Parses and checks an expression over variables of any type. */
    static CelAbstractSyntaxTree check(String expression, List<String> variables) throws InvalidExpressionException {
        var builder = compiler();
        variables.forEach(variable -> builder.addVar(variable, SimpleType.DYN));
        return check("", expression, variables, builder.build());
    }

    private static CelAbstractSyntaxTree check(
            String field, String expression, List<String> variables, CelCompiler compiler)
            throws InvalidExpressionException {
        if (expression.isBlank()) {
            throw new InvalidExpressionException(List.of(new ExpressionProblem(
                    field, "cel.syntax", 1, 1, "the expression is empty", java.util.Optional.empty())));
        }
        var result = compiler.compile(expression);
        if (result.hasError()) {
            var problems = new ArrayList<ExpressionProblem>();
            for (var issue : result.getErrors()) {
                problems.add(problem(field, expression, issue, variables));
            }
            throw new InvalidExpressionException(problems.stream().distinct().toList());
        }
        try {
            return result.getAst();
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

    private static ExpressionProblem problem(String field, String expression, CelIssue issue, List<String> variables) {
        int line = Math.max(1, issue.getSourceLocation().getLine());
        int column = Math.max(0, issue.getSourceLocation().getColumn());
        var message = issue.getMessage().strip();
        var undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            var name = undeclared.group(1);
            var place = startOf(name, expression, line, column);
            boolean call = isCall(name, expression, line, place);
            return new ExpressionProblem(
                    field,
                    "cel.undeclared_reference",
                    line,
                    place + 1,
                    "\"" + name + "\" is no " + (call ? "function" : "variable")
                            + (call ? "" : "; there are " + String.join(", ", variables)),
                    Suggestion.forName(name, call, variables));
        }
        if (message.startsWith("found no matching overload")) {
            return new ExpressionProblem(
                    field,
                    "cel.no_matching_overload",
                    line,
                    column + 1,
                    firstLine(message),
                    java.util.Optional.empty());
        }
        boolean syntax = message.startsWith("mismatched")
                || message.startsWith("extraneous")
                || message.startsWith("token recognition")
                || message.startsWith("no viable")
                || message.startsWith("missing")
                || message.toLowerCase(java.util.Locale.ROOT).contains("syntax");
        return new ExpressionProblem(
                field,
                syntax ? "cel.syntax" : "cel.type",
                line,
                column + 1,
                firstLine(message),
                java.util.Optional.empty());
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }

    /** cel-java points at a call's parenthesis, and readers look for its name. */
    private static int startOf(String name, String expression, int line, int column) {
        var text = expression.lines().skip(line - 1L).findFirst().orElse("");
        var before = text.substring(0, Math.min(column, text.length()));
        return before.endsWith(name) ? before.length() - name.length() : column;
    }

    private static boolean isCall(String name, String expression, int line, int column) {
        var text = expression.lines().skip(line - 1L).findFirst().orElse("");
        int end = column + name.length();
        return text.startsWith(name, column)
                        && end < text.length()
                        && text.substring(end).stripLeading().startsWith("(")
                || !text.startsWith(name, column);
    }

    /** Names that cannot start an expression on their own. */
    static final Set<String> KEYWORDS = Set.of("true", "false", "null", "in");
}
