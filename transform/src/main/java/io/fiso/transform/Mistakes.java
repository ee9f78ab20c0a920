// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What is wrong with one expression, in words that help to put it right. */
final class Mistakes {
    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);

    private static final Pattern OVERLOAD =
            Pattern.compile("found no matching overload for '([^']*)' applied to '\\((.*?)\\)'.*", Pattern.DOTALL);

    private static final Pattern UNEXPECTED = Pattern.compile(
            "(?:(?:mismatched|extraneous) input|token recognition error at:) '(.*?)'(?: expecting .*)?",
            Pattern.DOTALL);

    /** What people write who mean a text: a word, a dotted type, a path, a URL. */
    /** Nobody reads more of them, and every character of a long text can be one. */
    private static final int MOST = 20;

    /** The pattern takes stack for every part. */
    private static final int LONGEST_BARE = 1_000;

    private static final Pattern BARE = Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-./:_#]+[A-Za-z0-9]+)*");

    private final String field;
    private final String expression;
    private final ExpressionKind kind;
    private final List<String> variables;

    Mistakes(String field, String expression, ExpressionKind kind, List<String> variables) {
        this.field = field;
        this.expression = expression;
        this.kind = kind;
        this.variables = variables;
    }

    InvalidExpressionException empty() {
        return new InvalidExpressionException(List.of(problem("cel.syntax", 1, 0, "the expression is empty", "")));
    }

    InvalidExpressionException tooDeep() {
        return new InvalidExpressionException(
                List.of(problem("cel.syntax", 1, 0, "it nests too deep; make several expressions of it", "")));
    }

    InvalidExpressionException of(Collection<CelIssue> issues) {
        if (kind.isAttribute()
                && expression.length() <= LONGEST_BARE
                && BARE.matcher(expression.strip()).matches()) {
            return new InvalidExpressionException(List.of(unquoted()));
        }
        return new InvalidExpressionException(issues.stream()
                .filter(issue -> !isNamespace(issue))
                .limit(MOST)
                .map(this::problem)
                .distinct()
                .toList());
    }

    /** {@code type: order.created} is read as an expression too. */
    private ExpressionProblem unquoted() {
        var word = expression.strip();
        return problem(
                "cel.unquoted_text",
                1,
                expression.indexOf(word),
                "\"" + word
                        + "\" is read as an expression, and there is no such variable; a text has quotes of its own",
                "'\"" + word + "\"'");
    }

    /** What cel-java has no objection to, and what cannot be all the same. */
    void check(CelAbstractSyntaxTree ast) throws InvalidExpressionException {
        var problems = new ArrayList<ExpressionProblem>();
        CelNavigableAst.fromAst(ast).getRoot().allNodes().forEach(node -> {
            if (kind == ExpressionKind.IDENTITY && isIdentifier(node, OwnFunctions.NOW)) {
                problems.add(
                        problem(
                                ast,
                                node,
                                "cel.changing_identity",
                                "now() differs whenever the event is read again, and id, source and type must not; use time, or uuid()"));
            } else if (isUnnamedUuid(node) && isInLoop(node)) {
                problems.add(
                        problem(
                                ast,
                                node,
                                "cel.same_uuid",
                                "uuid() would be the same in each turn of the loop; give it what differs: uuid(string(item.number))"));
            }
        });
        if (problems.isEmpty()) {
            kind.refusal(ast.getResultType())
                    .ifPresent(refusal -> problems.add(problem("cel.type", 1, firstColumn(), "it " + refusal, "")));
        }
        if (!problems.isEmpty()) {
            throw new InvalidExpressionException(problems);
        }
    }

    private int firstColumn() {
        return expression.length() - expression.stripLeading().length();
    }

    private static boolean isIdentifier(CelNavigableExpr node, String name) {
        return node.getKind() == ExprKind.Kind.IDENT
                && node.expr().ident().name().equals(name);
    }

    private static boolean isUnnamedUuid(CelNavigableExpr node) {
        if (node.getKind() != ExprKind.Kind.CALL
                || !node.expr().call().function().equals(OwnFunctions.UUID_CALL)) {
            return false;
        }
        var name = node.expr().call().args().getLast();
        return name.getKind() == ExprKind.Kind.CONSTANT;
    }

    private static boolean isInLoop(CelNavigableExpr node) {
        var below = node;
        while (below.parent().isPresent()) {
            var parent = below.parent().get();
            if (parent.getKind() == ExprKind.Kind.COMPREHENSION
                    && parent.expr().comprehension().iterRange().id() != below.id()) {
                return true;
            }
            below = parent;
        }
        return false;
    }

    private ExpressionProblem problem(CelAbstractSyntaxTree ast, CelNavigableExpr node, String code, String message) {
        int offset = ast.getSource().getPositionsMap().getOrDefault(node.id(), 0);
        var at = ast.getSource().getOffsetLocation(offset);
        int line = at.map(found -> found.getLine()).orElse(1);
        int column = index(line, at.map(found -> found.getColumn()).orElse(0));
        return problem(code, line, nameBefore(line, column), message, "");
    }

    /** cel-java counts code points. */
    private int index(int line, int column) {
        var text = line(line);
        return text.offsetByCodePoints(0, Math.clamp(column, 0, text.codePointCount(0, text.length())));
    }

    /** @param index in the line, which may end before it */
    private ExpressionProblem problem(String code, int line, int index, String message, String suggestion) {
        int column = line(line).codePointCount(0, Math.min(index, line(line).length()));
        return new ExpressionProblem(
                field,
                code,
                line,
                column + 1,
                message,
                suggestion.isEmpty() ? Optional.empty() : Optional.of(suggestion));
    }

    private ExpressionProblem problem(CelIssue issue) {
        int line = Math.max(1, issue.getSourceLocation().getLine());
        int column = index(line, issue.getSourceLocation().getColumn());
        var message = issue.getMessage().strip();
        var undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return undeclared(undeclared.group(1), line, column);
        }
        var overload = OVERLOAD.matcher(message);
        if (overload.matches()) {
            return problem(
                    "cel.no_matching_overload", line, column, overload(overload.group(1), overload.group(2)), "");
        }
        boolean syntax = message.startsWith("mismatched")
                || message.startsWith("extraneous")
                || message.startsWith("token recognition")
                || message.startsWith("no viable")
                || message.startsWith("missing")
                || message.toLowerCase(Locale.ROOT).contains("syntax");
        return problem(syntax ? "cel.syntax" : "cel.type", line, column, unexpected(firstLine(message)), "");
    }

    private ExpressionProblem undeclared(String name, int line, int column) {
        var place = startOf(name, line, column);
        boolean call = isCall(name, line, place);
        var space = call ? namespaceBefore(line, place) : "";
        if (!space.isEmpty()) {
            return undeclared(space + "." + name, true, line, place - space.length() - 1);
        }
        return undeclared(name, call, line, place);
    }

    private ExpressionProblem undeclared(String name, boolean call, int line, int place) {
        if (call && Suggestion.isFunction(name)) {
            return problem(
                    "cel.no_matching_overload",
                    line,
                    place,
                    "\"" + name + "\" is not called like this" + Suggestion.usage(name),
                    "");
        }
        return problem(
                "cel.undeclared_reference",
                line,
                place,
                "\"" + name + "\" is no " + (call ? "function" : "variable")
                        + (call ? "" : "; there are " + String.join(", ", variables)),
                Suggestion.forName(name, call, variables).orElse(""));
    }

    /** {@code math} of {@code math.foo(1)}, for which cel-java looks among the variables when there is no such function. */
    private String namespaceBefore(int line, int place) {
        var text = line(line);
        var before = text.substring(0, Math.min(place, text.length()));
        return Suggestion.NAMESPACES.stream()
                .filter(space -> before.endsWith(space + "."))
                .findFirst()
                .orElse("");
    }

    /** Said better by the problem with the function. */
    private boolean isNamespace(CelIssue issue) {
        var undeclared = UNDECLARED.matcher(issue.getMessage().strip());
        if (!undeclared.matches() || !Suggestion.NAMESPACES.contains(undeclared.group(1))) {
            return false;
        }
        int line = Math.max(1, issue.getSourceLocation().getLine());
        var text = line(line);
        int column = index(line, issue.getSourceLocation().getColumn());
        return text.substring(Math.min(text.length(), column)).matches(undeclared.group(1) + "\\.\\w+\\s*\\(.*");
    }

    private static String overload(String function, String types) {
        var otherwise = "\"" + Failures.name(function) + "\" does not take (" + readable(types) + ")";
        return switch (function) {
            case "_+_" ->
                types.contains("string")
                        ? "a text and something else cannot be added (" + types
                                + "); make a text of it with string(...)"
                        : otherwise;
            case OwnFunctions.UUID_CALL -> "uuid takes a text that tells one from another: uuid(string(...))";
            case "json.parse" -> "json.parse takes one text, or bytes";
            case "json.encode" -> "json.encode takes one value";
            default -> otherwise;
        };
    }

    private static String readable(String types) {
        return types.replace("google.protobuf.Timestamp", "timestamp").replace("google.protobuf.Duration", "duration");
    }

    /** The parser lists all that could stand in a place, which is nearly everything. */
    private static String unexpected(String message) {
        var found = UNEXPECTED.matcher(message);
        if (!found.matches()) {
            return message;
        }
        return found.group(1).equals("<EOF>")
                ? "the expression ends too early"
                : "\"" + found.group(1) + "\" cannot stand here";
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }

    private String line(int number) {
        return expression.lines().skip(number - 1L).findFirst().orElse("");
    }

    /** cel-java points at a call's parenthesis, and readers look for its name. */
    private int startOf(String name, int line, int column) {
        var text = line(line);
        var before = text.substring(0, Math.min(column, text.length()));
        return before.endsWith(name) ? before.length() - name.length() : column;
    }

    private int nameBefore(int line, int column) {
        var text = line(line);
        int start = Math.min(column, text.length());
        while (start > 0 && Character.isWhitespace(text.charAt(start - 1))) {
            start--;
        }
        while (start > 0 && Character.isLetter(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private boolean isCall(String name, int line, int column) {
        var text = line(line);
        int end = column + name.length();
        return text.startsWith(name, column)
                        && end < text.length()
                        && text.substring(end).stripLeading().startsWith("(")
                || !text.startsWith(name, column);
    }
}
