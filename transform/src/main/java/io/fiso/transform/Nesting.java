// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.List;

/** How deep an expression nests. cel-java's parser bounds most of it, but not what macros make of it, nor chains of members; what comes after it recurses. */
final class Nesting {
    private static final int MOST = 450;

    private Nesting() {}

    /** Whether a text has so many members of members that parsing it would not end well. */
    static boolean hasLongChain(String expression) {
        int chain = 0;
        char quote = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (quote != 0) {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (c == '.') {
                if (++chain > MOST) {
                    return true;
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                chain = 0;
            } else if (!Character.isLetterOrDigit(c) && !Character.isWhitespace(c) && c != '_' && c != '?') {
                chain = 0;
            }
        }
        return false;
    }

    static boolean isDeep(CelExpr root) {
        var level = List.of(root);
        for (int depth = 0; !level.isEmpty(); depth++) {
            if (depth == MOST) {
                return true;
            }
            var below = new ArrayList<CelExpr>();
            level.forEach(expression -> addParts(expression, below));
            level = below;
        }
        return false;
    }

    private static void addParts(CelExpr whole, List<CelExpr> parts) {
        switch (whole.getKind()) {
            case SELECT -> parts.add(whole.select().operand());
            case CALL -> {
                whole.call().target().ifPresent(parts::add);
                parts.addAll(whole.call().args());
            }
            case LIST -> parts.addAll(whole.list().elements());
            case MAP ->
                whole.map().entries().forEach(entry -> {
                    parts.add(entry.key());
                    parts.add(entry.value());
                });
            case STRUCT -> whole.struct().entries().forEach(entry -> parts.add(entry.value()));
            case COMPREHENSION -> {
                var loop = whole.comprehension();
                parts.addAll(List.of(
                        loop.iterRange(), loop.accuInit(), loop.loopCondition(), loop.loopStep(), loop.result()));
            }
            default -> {
                // A name or a literal.
            }
        }
    }
}
