// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/** Turns cel-java's checked tree into nodes. */
final class Lowering {
    private static final String PAYLOAD = "data";

    private static final Map<String, Node.Native> NATIVES = Map.of(
            "size", Node.Native.SIZE,
            "contains", Node.Native.CONTAINS,
            "startsWith", Node.Native.STARTS_WITH,
            "endsWith", Node.Native.ENDS_WITH,
            "string", Node.Native.STRING,
            "lowerAscii", Node.Native.LOWER,
            "upperAscii", Node.Native.UPPER,
            "-_", Node.Native.NEGATE);

    private static final Set<String> BINARY = Set.of("_+_", "_-_", "_*_", "_/_", "_%_", "_<_", "_<=_", "_>_", "_>=_");

    /** Overloads that the interpreter treats in its own ways. */
    private static final Set<String> SPECIAL =
            Set.of("type", "optional_or_optional", "optional_orValue_value", "select_optional_field", "cel_block_list");

    private final CelAbstractSyntaxTree ast;
    private final Bindings bindings;
    private final Tree payload;
    private final IntSupplier nextRegister;
    private final Map<String, Tree> loopVariables = new HashMap<>();

    private Lowering(CelAbstractSyntaxTree ast, Bindings bindings, Tree payload, IntSupplier nextRegister) {
        this.ast = ast;
        this.bindings = bindings;
        this.payload = payload;
        this.nextRegister = nextRegister;
    }

    /** @param payload what {@code data} is */
    static Node lower(CelAbstractSyntaxTree ast, Bindings bindings, Tree payload, IntSupplier nextRegister)
            throws Unsupported {
        return new Lowering(ast, bindings, payload, nextRegister).node(ast.getExpr());
    }

    private Node node(CelExpr expr) throws Unsupported {
        return switch (expr.getKind()) {
            case CONSTANT -> constant(expr.constant());
            case IDENT -> variable(expr);
            case SELECT -> select(expr);
            case CALL -> call(expr, expr.call());
            case LIST -> list(expr);
            case MAP -> map(expr);
            case COMPREHENSION -> comprehension(expr.comprehension());
            default -> throw new Unsupported("a " + expr.getKind().name().toLowerCase(java.util.Locale.ROOT));
        };
    }

    private List<Node> nodes(List<CelExpr> expressions) throws Unsupported {
        var nodes = new ArrayList<Node>(expressions.size());
        for (var expression : expressions) {
            nodes.add(node(expression));
        }
        return nodes;
    }

    private static Node.Constant constant(CelConstant constant) throws Unsupported {
        return new Node.Constant(
                switch (constant.getKind()) {
                    case NULL_VALUE -> constant.nullValue();
                    case BOOLEAN_VALUE -> constant.booleanValue();
                    case INT64_VALUE -> constant.int64Value();
                    case UINT64_VALUE -> constant.uint64Value();
                    case DOUBLE_VALUE -> constant.doubleValue();
                    case STRING_VALUE -> constant.stringValue();
                    case BYTES_VALUE -> constant.bytesValue();
                    default -> throw new Unsupported("a literal of kind " + constant.getKind());
                });
    }

    private Node variable(CelExpr expr) throws Unsupported {
        var name = expr.ident().name();
        var loop = loopVariables.get(name);
        if (loop != null) {
            return new Node.Path(loop, List.of());
        }
        if (name.equals(PAYLOAD)) {
            return new Node.Path(payload, List.of());
        }
        var reference = ast.getReference(expr.id());
        var type = ast.getType(expr.id());
        if (reference.isEmpty()
                || reference.get().value().isPresent()
                || !reference.get().name().equals(name)
                || type.isEmpty()
                || type.get().kind() == dev.cel.common.types.CelKind.TYPE) {
            throw new Unsupported("the name " + name);
        }
        return new Node.Attribute(name);
    }

    private Node select(CelExpr expr) throws Unsupported {
        if (ast.getReference(expr.id()).isPresent()) {
            throw new Unsupported("a qualified name");
        }
        var select = expr.select();
        var operand = node(select.operand());
        if (isOptional(operand)) {
            return optionalMember(expr, (Node.OptionalPath) operand);
        }
        var place = into(operand);
        var members = with(place.members(), select.field());
        return select.testOnly() ? new Node.Has(place.tree(), members) : new Node.Path(place.tree(), members);
    }

    /** {@code base.?a.b} goes on being optional. */
    private static Node optionalMember(CelExpr expr, Node.OptionalPath operand) throws Unsupported {
        if (expr.select().testOnly()) {
            throw new Unsupported("has() of an optional value");
        }
        return new Node.OptionalPath(
                operand.tree(), with(operand.members(), expr.select().field()), operand.strict(), null);
    }

    /** A value, as a place that can be looked into. */
    private Node.Path into(Node value) {
        return value instanceof Node.Path path ? path : new Node.Path(Tree.into(nextRegister, value), List.of());
    }

    private static List<String> with(List<String> members, String last) {
        var longer = new ArrayList<>(members);
        longer.add(last);
        return List.copyOf(longer);
    }

    private Node call(CelExpr expr, CelCall call) throws Unsupported {
        var function = call.function();
        var arguments = new ArrayList<CelExpr>();
        call.target().ifPresent(arguments::add);
        arguments.addAll(call.args());
        var overloads = ast.getReference(expr.id())
                .map(reference -> List.copyOf(reference.overloadIds()))
                .orElse(List.of());
        if (overloads.contains("identity")) {
            return node(arguments.getFirst());
        }
        return switch (function) {
            case "_&&_" -> new Node.And(node(arguments.get(0)), node(arguments.get(1)));
            case "_||_" -> new Node.Or(node(arguments.get(0)), node(arguments.get(1)));
            case "!_" -> new Node.Not(node(arguments.getFirst()));
            case "_?_:_" ->
                new Node.Conditional(node(arguments.get(0)), node(arguments.get(1)), node(arguments.get(2)));
            case "_==_" -> equal(false, arguments, bindings.site(function, overloads));
            case "_!=_" -> equal(true, arguments, bindings.site("_==_", List.of("equals")));
            case "_[_]" -> index(arguments, bindings.site(function, overloads));
            case "@in" -> in(arguments, bindings.site(function, overloads));
            case "_?._" -> optionalSelect(arguments);
            case "orValue" -> orValue(arguments, overloads);
            default -> ordinary(expr, function, arguments, overloads);
        };
    }

    private Node ordinary(CelExpr expr, String function, List<CelExpr> arguments, List<String> overloads)
            throws Unsupported {
        if (overloads.stream().anyMatch(SPECIAL::contains)) {
            throw new Unsupported("the function " + function);
        }
        var nodes = nodes(arguments);
        if (nodes.stream().anyMatch(Lowering::isOptional)) {
            throw new Unsupported("an optional value as an argument of " + function);
        }
        var site = bindings.site(function, overloads);
        if (function.equals("_+_") && ast.getType(expr.id()).equals(Optional.of(SimpleType.STRING))) {
            var parts = new ArrayList<Node>();
            nodes.forEach(node -> {
                if (node instanceof Node.Concatenation(List<Node> inner)) {
                    parts.addAll(inner);
                } else {
                    parts.add(node);
                }
            });
            return new Node.Concatenation(parts);
        }
        if (BINARY.contains(function) && nodes.size() == 2) {
            return new Node.Binary(function, nodes.get(0), nodes.get(1), site);
        }
        var known = NATIVES.get(function);
        if (known != null && nodes.size() <= 2) {
            return new Node.Function(known, nodes.get(0), nodes.size() == 2 ? nodes.get(1) : null, site);
        }
        if (function.equals("substring")) {
            return new Node.TextCall(Node.TextFunction.SUBSTRING, nodes, site);
        }
        if (function.equals("replace") && nodes.size() == 3) {
            return new Node.TextCall(Node.TextFunction.REPLACE, nodes, site);
        }
        return new Node.Call(site, nodes);
    }

    private Node equal(boolean negated, List<CelExpr> arguments, CallSite slow) throws Unsupported {
        var nodes = strict(nodes(arguments));
        return new Node.Equal(negated, nodes.get(0), nodes.get(1), slow);
    }

    private Node index(List<CelExpr> arguments, CallSite site) throws Unsupported {
        var base = node(arguments.get(0));
        var index = node(arguments.get(1));
        if (isOptional(base) || isOptional(index)) {
            throw new Unsupported("an index with an optional value");
        }
        if (index instanceof Node.Constant(String name)) {
            var place = into(base);
            return new Node.Path(place.tree(), with(place.members(), name));
        }
        return new Node.Path(Tree.into(nextRegister, base, index, site), List.of());
    }

    private Node in(List<CelExpr> arguments, CallSite site) throws Unsupported {
        var value = node(arguments.get(0));
        var range = node(arguments.get(1));
        if (range instanceof Node.ListLiteral(List<Node> elements)
                && elements.stream().allMatch(Lowering::comparesAlone)) {
            return new Node.OneOf(
                    value, elements.stream().map(Node.Constant.class::cast).toList());
        }
        return new Node.Call(site, List.of(value, range));
    }

    private static boolean comparesAlone(Node node) {
        return node instanceof Node.Constant(Object value)
                && (value instanceof String || value instanceof Long || value instanceof Boolean);
    }

    /** {@code base.?member}: strict up to here, optional from here on. */
    private Node optionalSelect(List<CelExpr> arguments) throws Unsupported {
        var base = node(arguments.get(0));
        if (arguments.get(1).getKind() != ExprKind.Kind.CONSTANT
                || arguments.get(1).constant().getKind() != CelConstant.Kind.STRING_VALUE) {
            throw new Unsupported("an optional selection by a calculated name");
        }
        var member = arguments.get(1).constant().stringValue();
        if (base instanceof Node.OptionalPath(Tree tree, List<String> members, int strict, Node otherwise)
                && otherwise == null) {
            return new Node.OptionalPath(tree, with(members, member), strict, null);
        }
        var place = into(base);
        return new Node.OptionalPath(
                place.tree(), with(place.members(), member), place.members().size(), null);
    }

    private Node orValue(List<CelExpr> arguments, List<String> overloads) throws Unsupported {
        if (overloads.contains("optional_orValue_value")
                && node(arguments.get(0))
                        instanceof Node.OptionalPath(Tree tree, List<String> members, int strict, Node otherwise)
                && otherwise == null) {
            return new Node.OptionalPath(tree, members, strict, node(arguments.get(1)));
        }
        throw new Unsupported("orValue of what is no optional member");
    }

    private Node list(CelExpr expr) throws Unsupported {
        if (!expr.list().optionalIndices().isEmpty()) {
            throw new Unsupported("an optional element of a list");
        }
        return new Node.ListLiteral(strict(nodes(expr.list().elements())));
    }

    private Node map(CelExpr expr) throws Unsupported {
        var names = new LinkedHashSet<String>();
        var values = new ArrayList<Node>();
        for (var entry : expr.map().entries()) {
            if (entry.optionalEntry()) {
                throw new Unsupported("an optional entry of a map");
            }
            if (!(node(entry.key()) instanceof Node.Constant(String name))) {
                throw new Unsupported("a map with keys that are no literal strings");
            }
            if (!names.add(name)) {
                throw new Unsupported("a map with the same key twice");
            }
            values.add(node(entry.value()));
        }
        return new Node.MapLiteral(List.copyOf(names), strict(values));
    }

    private static List<Node> strict(List<Node> nodes) throws Unsupported {
        for (var node : nodes) {
            if (isOptional(node)) {
                throw new Unsupported("an optional value in a literal");
            }
        }
        return List.copyOf(nodes);
    }

    /** Whether the value is an optional one, which only few places can take. */
    static boolean isOptional(Node node) {
        return node instanceof Node.OptionalPath(var _, var _, var _, Node otherwise) && otherwise == null;
    }

    // ---- loops: the macros, by what they expand to ------------------------------------------------------------------

    private Node comprehension(CelComprehension loop) throws Unsupported {
        if (!loop.iterVar2().isEmpty() || loop.iterVar().equals("#unused")) {
            throw new Unsupported("a binding, or a loop over pairs");
        }
        var range = node(loop.iterRange());
        if (isOptional(range)) {
            throw new Unsupported("a loop over an optional value");
        }
        var element = Tree.element(nextRegister);
        var hidden = loopVariables.put(loop.iterVar(), element);
        try {
            return body(loop, new Node.Loop(range, element));
        } finally {
            if (hidden == null) {
                loopVariables.remove(loop.iterVar());
            } else {
                loopVariables.put(loop.iterVar(), hidden);
            }
        }
    }

    private Node body(CelComprehension comprehension, Node.Loop loop) throws Unsupported {
        var accumulated = comprehension.accuVar();
        var step = comprehension.loopStep();
        var result = comprehension.result();
        var start = comprehension.accuInit();
        if (isVariable(result, accumulated) && step.getKind() == ExprKind.Kind.CALL) {
            var call = step.call();
            if (call.function().equals("_||_")
                    && isBoolean(start, false)
                    && isVariable(call.args().get(0), accumulated)) {
                return new Node.Exists(loop, node(call.args().get(1)));
            }
            if (call.function().equals("_&&_")
                    && isBoolean(start, true)
                    && isVariable(call.args().get(0), accumulated)) {
                return new Node.All(loop, node(call.args().get(1)));
            }
            if (start.getKind() == ExprKind.Kind.LIST && start.list().elements().isEmpty()) {
                return each(loop, accumulated, call);
            }
        }
        if (result.getKind() == ExprKind.Kind.CALL
                && result.call().function().equals("_==_")
                && isVariable(result.call().args().getFirst(), accumulated)
                && step.getKind() == ExprKind.Kind.CALL
                && step.call().function().equals("_?_:_")) {
            return new Node.ExistsOne(loop, node(step.call().args().getFirst()));
        }
        throw new Unsupported("a loop of an unknown shape");
    }

    private Node each(Node.Loop loop, String accumulated, CelCall step) throws Unsupported {
        if (step.function().equals("_?_:_")
                && isVariable(step.args().get(2), accumulated)
                && step.args().get(1).getKind() == ExprKind.Kind.CALL) {
            return new Node.Each(
                    loop,
                    node(step.args().get(0)),
                    appended(accumulated, step.args().get(1).call()));
        }
        return new Node.Each(loop, null, appended(accumulated, step));
    }

    /** {@code accumulated + [value]}. */
    private Node appended(String accumulated, CelCall call) throws Unsupported {
        if (call.function().equals("_+_")
                && isVariable(call.args().get(0), accumulated)
                && call.args().get(1).getKind() == ExprKind.Kind.LIST
                && call.args().get(1).list().elements().size() == 1
                && call.args().get(1).list().optionalIndices().isEmpty()) {
            return strict(List.of(node(call.args().get(1).list().elements().getFirst())))
                    .getFirst();
        }
        throw new Unsupported("a loop of an unknown shape");
    }

    private static boolean isVariable(CelExpr expr, String name) {
        return expr.getKind() == ExprKind.Kind.IDENT && expr.ident().name().equals(name);
    }

    private static boolean isBoolean(CelExpr expr, boolean value) {
        return expr.getKind() == ExprKind.Kind.CONSTANT
                && expr.constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE
                && expr.constant().booleanValue() == value;
    }
}
