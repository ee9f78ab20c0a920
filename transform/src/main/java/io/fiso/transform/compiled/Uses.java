// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts how often the same value is asked for, so that it is calculated once, and which loops go over the same list. */
final class Uses {
    private final Map<Node, Integer> counts = new HashMap<>();
    private final Map<List<String>, List<Tree>> lists = new LinkedHashMap<>();
    private int loops;

    private Uses() {}

    /** Leaves out what costs nothing to get, and what differs from turn to turn of a loop. */
    static Uses of(List<@Nullable Node> roots) {
        var uses = new Uses();
        for (var root : roots) {
            if (root != null) {
                uses.visit(root);
            }
        }
        return uses;
    }

    /** How often each node occurs; only those that may be shared are in it. */
    Map<Node, Integer> counts() {
        return counts;
    }

    /** The lists of the payload that loops go over, each with those loops' elements. */
    Map<List<String>, List<Tree>> lists() {
        return lists;
    }

    /** @return whether the value is the same throughout the event */
    private boolean visit(Node node) {
        boolean fixed = switch (node) {
            case Node.Constant _ -> true;
            case Node.Attribute _ -> true;
            case Node.Path(Tree tree, var _) -> visit(tree);
            case Node.Has(Tree tree, var _) -> visit(tree);
            case Node.OptionalPath(Tree tree, var _, var _, Node otherwise) ->
                visit(tree) & (otherwise == null || visit(otherwise));
            case Node.Binary(var _, Node left, Node right, var _) -> visit(left) & visit(right);
            case Node.Equal(var _, Node left, Node right, var _) -> visit(left) & visit(right);
            case Node.OneOf(Node value, var _) -> visit(value);
            case Node.And(Node left, Node right) -> visit(left) & visit(right);
            case Node.Or(Node left, Node right) -> visit(left) & visit(right);
            case Node.Not(Node operand) -> visit(operand);
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse) ->
                visit(condition) & visit(whenTrue) & visit(whenFalse);
            case Node.Concatenation(List<Node> parts) -> visit(parts);
            case Node.ListLiteral(List<Node> elements) -> visit(elements);
            case Node.MapLiteral(var _, List<Node> values) -> visit(values);
            case Node.Call(var _, List<Node> arguments) -> visit(arguments);
            case Node.TextCall(var _, List<Node> arguments, var _) -> visit(arguments);
            case Node.Function(var _, Node first, Node second, var _) ->
                visit(first) & (second == null || visit(second));
            case Node.Each(Node.Loop loop, Node filter, Node element) ->
                visit(loop) & (filter == null || body(filter)) & body(element);
            case Node.Exists(Node.Loop loop, Node condition) -> visit(loop) & body(condition);
            case Node.All(Node.Loop loop, Node condition) -> visit(loop) & body(condition);
            case Node.ExistsOne(Node.Loop loop, Node condition) -> visit(loop) & body(condition);
        };
        if (fixed && worthKeeping(node)) {
            // What is the same in every turn of a loop is asked for more than once, as a rule.
            counts.merge(node, loops > 0 ? 2 : 1, Integer::sum);
        }
        return fixed;
    }

    private boolean visit(List<Node> nodes) {
        boolean fixed = true;
        for (var node : nodes) {
            fixed &= visit(node);
        }
        return fixed;
    }

    private boolean body(Node node) {
        loops++;
        boolean fixed = visit(node);
        loops--;
        return fixed;
    }

    private boolean visit(Node.Loop loop) {
        if (loop.range() instanceof Node.Path(Tree tree, List<String> members) && tree.isPayload()) {
            lists.computeIfAbsent(members, _ -> new ArrayList<>()).add(loop.element());
        }
        return visit(loop.range());
    }

    private boolean visit(Tree tree) {
        if (tree.element) {
            return false;
        }
        return tree.base == null || visit(tree.base) & (tree.index == null || visit(tree.index));
    }

    private static boolean worthKeeping(Node node) {
        return switch (node) {
            case Node.Constant _, Node.Path _, Node.Has _ -> false;
            case Node.OptionalPath optional -> !Lowering.isOptional(optional);
            case Node.ListLiteral _, Node.MapLiteral _ -> false;
            default -> true;
        };
    }
}
