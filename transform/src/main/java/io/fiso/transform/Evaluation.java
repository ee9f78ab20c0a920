// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.fiso.transform.compiled.CompiledExpressions;
import io.fiso.transform.json.LimitExceeded;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How one checked expression gets its value. */
sealed interface Evaluation {
    @Nullable
    Object evaluate(Scope scope) throws TransformException;

    /** What the compiler makes code of. */
    CompiledExpressions.Text text();

    /** Adds what it can look at. */
    void need(NeededPaths paths);

    /** Whether it looks at the payload. */
    boolean readsPayload();

    /** @param label what {@code uuid()} in it depends on */
    static Evaluation of(String field, String label, String expression, ExpressionKind kind)
            throws InvalidExpressionException {
        var path = Path.parse(expression);
        if (path != null && path.canBe(kind)) {
            return path;
        }
        var ast = CelLanguage.check(field, label, expression, kind);
        return new Program(ast, CelLanguage.program(ast), PathsOf.data(ast));
    }

    /** Only reports mistakes. */
    static void check(String field, String expression, ExpressionKind kind) throws InvalidExpressionException {
        var path = Path.parse(expression);
        if (path == null || !path.canBe(kind)) {
            CelLanguage.check(field, "", expression, kind);
        }
    }

    /** Most fields just copy. {@code data.a.b}, or an attribute by name, needs no interpreter, and keeps even the time's digits. */
    record Path(String expression, String variable, List<String> members) implements Evaluation {
        private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

        private static final Set<String> VARIABLES =
                Set.of("data", "id", "type", "source", "subject", "time", "correlationid");

        private static final Pattern SPACE = Pattern.compile("^[ \\t\\n\\x0B\\f\\r]+|[ \\t\\n\\x0B\\f\\r]+$");

        /** Longer ones are for the parser to refuse: no payload nests so deep. */
        private static final int MOST_MEMBERS = 250;

        static @Nullable Path parse(String expression) {
            var names = List.of(strip(expression).split("\\.", MOST_MEMBERS + 2));
            var variable = names.getFirst();
            var members = names.subList(1, names.size());
            boolean plain = VARIABLES.contains(variable)
                    && (members.isEmpty() || variable.equals("data"))
                    && members.size() <= MOST_MEMBERS
                    && members.stream().allMatch(Path::isName);
            return plain ? new Path(expression.strip(), variable, List.copyOf(members)) : null;
        }

        /** Without the white space that CEL knows. */
        private static String strip(String expression) {
            return SPACE.matcher(expression).replaceAll("");
        }

        private static boolean isName(String name) {
            return NAME.matcher(name).matches() && !CelLanguage.KEYWORDS.contains(name);
        }

        /** Attributes that are texts for sure are left to the check of types. */
        boolean canBe(ExpressionKind kind) {
            return variable.equals("data") || kind == ExpressionKind.VALUE || kind.isAttribute();
        }

        @Override
        public boolean readsPayload() {
            return variable.equals("data");
        }

        @Override
        public @Nullable Object evaluate(Scope scope) throws TransformException {
            var value = scope.variable(variable);
            for (var member : members) {
                if (!(value instanceof Map<?, ?> map)) {
                    throw new TransformException("\"" + expression + "\": there is no \"" + member + "\" in "
                            + (value == null || value instanceof NullValue ? "null" : "a value that is no object"));
                }
                value = map.get(member);
                if (value == null) {
                    throw new TransformException("\"" + expression + "\": the payload has no \"" + member + "\"");
                }
            }
            return value;
        }

        @Override
        public CompiledExpressions.Text text() {
            return variable.equals("data")
                    ? new CompiledExpressions.Text.Member(members)
                    : new CompiledExpressions.Text.Variable(variable.equals("time") ? Scope.TIME_AS_TEXT : variable);
        }

        @Override
        public void need(NeededPaths paths) {
            if (variable.equals("data")) {
                paths.add(members);
            }
        }
    }

    /** Everything else. */
    record Program(CelAbstractSyntaxTree ast, CelRuntime.Program program, List<List<String>> paths)
            implements Evaluation {
        @Override
        public @Nullable Object evaluate(Scope scope) throws TransformException {
            try {
                return Watch.evaluate(program, scope, scope.effort());
            } catch (CelEvaluationException e) {
                if (e.getCause() instanceof LimitExceeded limit) {
                    throw limit;
                }
                throw new TransformException(missingAttribute(e, scope).orElseGet(() -> plain(e)), e);
            }
        }

        static String plain(CelEvaluationException failure) {
            return Failures.plain(failure.getMessage());
        }

        /** Of a name that is missing, whether it was looked for among the event's attributes. */
        private Optional<String> missingAttribute(CelEvaluationException failure, Scope scope) {
            var message = failure.getMessage();
            if (message == null) {
                return Optional.empty();
            }
            return PathsOf.names("ext", ast).stream()
                    .filter(name -> message.contains(name) && !scope.hasExtension(name))
                    .findFirst()
                    .map(name -> "the event has no attribute \"" + name + "\""
                            + Spelling.closest(name, scope.extensionNames())
                                    .map(close -> "; did you mean ext." + close + "?")
                                    .orElse("; has(ext." + name + ") tells"));
        }

        @Override
        public boolean readsPayload() {
            return !paths.isEmpty();
        }

        @Override
        public CompiledExpressions.Text text() {
            return new CompiledExpressions.Text.Checked(ast);
        }

        @Override
        public void need(NeededPaths needed) {
            paths.forEach(needed::add);
        }
    }

    /** Finds the payload's paths that a tree looks at. */
    final class PathsOf {
        private PathsOf() {}

        static List<List<String>> data(CelAbstractSyntaxTree ast) {
            return of("data", ast);
        }

        /** The names right below a variable. */
        static List<String> names(String variable, CelAbstractSyntaxTree ast) {
            return of(variable, ast).stream()
                    .filter(path -> !path.isEmpty())
                    .map(List::getFirst)
                    .toList();
        }

        private static List<List<String>> of(String variable, CelAbstractSyntaxTree ast) {
            var paths = new ArrayList<List<String>>();
            CelNavigableAst.fromAst(ast)
                    .getRoot()
                    .allNodes()
                    .filter(node -> node.getKind() == ExprKind.Kind.IDENT
                            && node.expr().ident().name().equals(variable))
                    .forEach(node -> paths.add(upwards(node)));
            return paths;
        }

        private static List<String> upwards(CelNavigableExpr data) {
            var path = new ArrayList<String>();
            var node = data;
            while (node.parent().isPresent()) {
                var parent = node.parent().get();
                var name = member(parent.expr(), node.expr());
                if (name == null) {
                    break;
                }
                path.add(name);
                node = parent;
            }
            return path;
        }

        private static @Nullable String member(CelExpr parent, CelExpr child) {
            if (parent.getKind() == ExprKind.Kind.SELECT) {
                return parent.select().field();
            }
            if (parent.getKind() == ExprKind.Kind.CALL
                    && parent.call().function().equals("_[_]")
                    && parent.call().args().getFirst().id() == child.id()) {
                var index = parent.call().args().get(1);
                return index.getKind() == ExprKind.Kind.CONSTANT
                                && index.constant().getKind() == CelConstant.Kind.STRING_VALUE
                        ? index.constant().stringValue()
                        : null;
            }
            return null;
        }
    }
}
