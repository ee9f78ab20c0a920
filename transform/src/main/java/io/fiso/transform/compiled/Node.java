// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression as the compiler sees it: names resolved, macros recognised. Equal nodes have equal values for the same event. */
sealed interface Node {
    /** A literal: Long, Double, Boolean, String, or any other as cel-java has it. */
    record Constant(Object value) implements Node {
        /** Doubles differ by their bits: 0.0 is not -0.0 here. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Constant(Object that) && value.equals(that);
        }

        @Override
        public int hashCode() {
            return value.hashCode();
        }
    }

    /**
     * A value below the root of a tree.
     *
     * @param tree the payload, a loop's element, or any other value that is looked into
     * @param members none for the root itself
     */
    record Path(Tree tree, List<String> members) implements Node {}

    /** Whether a path's last member is there; an error unless what should hold it is an object. */
    record Has(Tree tree, List<String> members) implements Node {}

    /**
     * The value of a chain of optional selections, {@code base.?a.?b}, or a default.
     *
     * @param strict how many of the members are selected strictly, before the first optional one
     */
    record OptionalPath(
            Tree tree,
            List<String> members,
            int strict,
            @Nullable Node otherwise) implements Node {}

    /** A variable that is not the payload. */
    record Attribute(String name) implements Node {}

    /** Two operands; {@code operation} is CEL's name for it, such as {@code _+_}. */
    record Binary(String operation, Node left, Node right, CallSite slow) implements Node {}

    record Equal(boolean negated, Node left, Node right, CallSite slow) implements Node {}

    /** Whether a value is one of some literals. */
    record OneOf(Node value, List<Constant> constants) implements Node {}

    record And(Node left, Node right) implements Node {}

    record Or(Node left, Node right) implements Node {}

    record Not(Node operand) implements Node {}

    record Conditional(Node condition, Node whenTrue, Node whenFalse) implements Node {}

    /** Texts put together; every part must be text. */
    record Concatenation(List<Node> parts) implements Node {}

    record ListLiteral(List<Node> elements) implements Node {}

    record MapLiteral(List<String> names, List<Node> values) implements Node {}

    /** A function, by the bindings that cel-java has for it. */
    record Call(CallSite site, List<Node> arguments) implements Node {}

    /** A function over one or two values that has a shorter way for what lies in the payload. */
    record Function(Native function, Node first, @Nullable Node second, CallSite slow) implements Node {}

    /** A function over a text and what else it takes, with a shorter way for what lies in the payload. */
    record TextCall(TextFunction function, List<Node> arguments, CallSite slow) implements Node {}

    /**
     * A list made of a list.
     *
     * @param filter null takes every element
     * @param element what becomes of one
     */
    record Each(Loop loop, @Nullable Node filter, Node element) implements Node {}

    record Exists(Loop loop, Node condition) implements Node {}

    record All(Loop loop, Node condition) implements Node {}

    record ExistsOne(Loop loop, Node condition) implements Node {}

    /** What a loop goes over, and where each element can be looked into. */
    record Loop(Node range, Tree element) {}

    /** The functions that {@link TextCall} has a shorter way for. */
    enum TextFunction {
        SUBSTRING,
        REPLACE
    }

    /** The functions that {@link Function} has a shorter way for. */
    enum Native {
        SIZE,
        CONTAINS,
        STARTS_WITH,
        ENDS_WITH,
        STRING,
        LOWER,
        UPPER,
        NEGATE
    }
}
