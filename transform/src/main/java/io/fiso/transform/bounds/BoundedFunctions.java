// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

import com.google.re2j.Matcher;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.RuntimeEquality;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Functions of which a single call can take minutes or all memory, each in place of cel-java's own, which does the work once it is known that there is
 * enough of both.
 */
public final class BoundedFunctions {
    /** What is asked of a call before it is made. */
    private interface Check {
        void of(Effort effort, Object[] arguments);
    }

    private static final Map<String, Check> CHECKS = Map.ofEntries(
            Map.entry("contains_string", BoundedFunctions::first),
            Map.entry("string_index_of_string", BoundedFunctions::first),
            Map.entry("string_index_of_string_int", BoundedFunctions::first),
            Map.entry("string_last_index_of_string", BoundedFunctions::last),
            Map.entry("string_last_index_of_string_int", BoundedFunctions::last),
            Map.entry("string_replace_string_string", BoundedFunctions::replace),
            Map.entry("string_replace_string_string_int", BoundedFunctions::replace),
            Map.entry("string_split_string", BoundedFunctions::split),
            Map.entry("string_split_string_int", BoundedFunctions::split),
            Map.entry("list_join", BoundedFunctions::join),
            Map.entry("list_join_string", BoundedFunctions::join),
            Map.entry("lists_range", BoundedFunctions::range),
            Map.entry("regex_extract_string_string", BoundedFunctions::extract),
            Map.entry("regex_extractAll_string_string", BoundedFunctions::extractAll),
            Map.entry("regex_replaceAll_string_string_string", BoundedFunctions::replaceMatches),
            Map.entry("regex_replaceCount_string_string_string_int", BoundedFunctions::replaceMatches));

    /** Those that have nothing of cel-java's own. */
    private static final List<String> OWN = List.of(
            "matches",
            "matches_string",
            "list_distinct",
            "list_sets_contains_list",
            "list_sets_equivalent_list",
            "list_sets_intersects_list");

    private BoundedFunctions() {}

    /** Whether a binding is one of these. */
    public static boolean contains(String overload) {
        return CHECKS.containsKey(overload) || OWN.contains(overload);
    }

    /** @param original finds cel-java's own, by overload */
    public static List<CelFunctionBinding> bindings(
            Function<String, CelFunctionBinding> original, RuntimeEquality equality) {
        return Stream.concat(
                        OWN.stream().map(overload -> binding(original.apply(overload), own(overload, equality))),
                        CHECKS.entrySet().stream()
                                .map(entry -> checked(original.apply(entry.getKey()), entry.getValue())))
                .toList();
    }

    // The checks are methods that hold nothing.
    @SuppressWarnings("Immutable")
    private static CelFunctionBinding checked(CelFunctionBinding original, Check check) {
        var definition = original.getDefinition();
        return binding(original, arguments -> {
            check.of(Effort.current(), arguments);
            return definition.apply(arguments);
        });
    }

    private static CelFunctionBinding binding(CelFunctionBinding original, CelFunctionOverload definition) {
        return CelFunctionBinding.from(original.getOverloadId(), original.getArgTypes(), definition);
    }

    // cel-java's equality holds nothing that changes.
    @SuppressWarnings("Immutable")
    private static CelFunctionOverload own(String overload, RuntimeEquality equality) {
        return switch (overload) {
            case "list_distinct" -> arguments -> distinct((Collection<?>) arguments[0], equality);
            case "list_sets_contains_list" ->
                arguments -> all((Collection<?>) arguments[0], (Collection<?>) arguments[1], equality);
            case "list_sets_equivalent_list" ->
                arguments -> all((Collection<?>) arguments[0], (Collection<?>) arguments[1], equality)
                        && all((Collection<?>) arguments[1], (Collection<?>) arguments[0], equality);
            case "list_sets_intersects_list" ->
                arguments -> any((Collection<?>) arguments[0], (Collection<?>) arguments[1], equality);
            default -> arguments -> matches((String) arguments[0], (String) arguments[1]);
        };
    }

    // ---- texts ------------------------------------------------------------------------------------------------------

    private static void first(Effort effort, Object[] arguments) {
        Search.first(effort, (String) arguments[0], (String) arguments[1]);
    }

    private static void last(Effort effort, Object[] arguments) {
        Search.last(effort, (String) arguments[0], (String) arguments[1]);
    }

    private static void replace(Effort effort, Object[] arguments) {
        int grows = ((String) arguments[2]).length() - ((String) arguments[1]).length();
        occurrences(effort, arguments, Math.max(0, grows));
    }

    private static void split(Effort effort, Object[] arguments) {
        occurrences(effort, arguments, Weight.OBJECT + Weight.ELEMENT);
    }

    /** @param each what every occurrence of the second text in the first costs */
    private static void occurrences(Effort effort, Object[] arguments, long each) {
        var text = (String) arguments[0];
        var part = (String) arguments[1];
        long most = 1 + text.length() / Math.max(1, part.length());
        boolean few = effort.has(text.length() + most * each);
        if (!few || Search.isLong(text.length(), part.length())) {
            effort.needs(text.length() + each * Search.count(effort, text, part, most));
        }
    }

    private static void join(Effort effort, Object[] arguments) {
        long separator = arguments.length > 1 ? ((String) arguments[1]).length() : 0;
        long length = 0;
        for (var text : (Collection<?>) arguments[0]) {
            length += separator + (text instanceof String known ? known.length() : 0);
        }
        effort.needs(length);
    }

    // ---- lists ------------------------------------------------------------------------------------------------------

    private static void range(Effort effort, Object[] arguments) {
        long size = (long) arguments[0];
        effort.needs(Math.min(size, Integer.MAX_VALUE) * Weight.ELEMENT);
    }

    private static boolean all(Collection<?> list, Collection<?> wanted, RuntimeEquality equality) {
        var effort = Effort.current();
        for (var element : wanted) {
            effort.checkTime();
            if (!holds(list, element, equality)) {
                return false;
            }
        }
        return true;
    }

    private static boolean any(Collection<?> list, Collection<?> wanted, RuntimeEquality equality) {
        var effort = Effort.current();
        for (var element : wanted) {
            effort.checkTime();
            if (holds(list, element, equality)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Collection<?> list, Object wanted, RuntimeEquality equality) {
        for (var element : list) {
            if (equality.objectEquals(element, wanted)) {
                return true;
            }
        }
        return false;
    }

    /** An element, equal to another if the language says so. */
    private record Value(Object object, RuntimeEquality equality) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value(Object that, var _) && equality.objectEquals(object, that);
        }

        @Override
        public int hashCode() {
            return equality.hashCode(object);
        }
    }

    private static List<Object> distinct(Collection<?> list, RuntimeEquality equality) {
        var effort = Effort.current();
        var known = new HashSet<Value>();
        var distinct = new ArrayList<Object>();
        for (var element : list) {
            // Texts can be made so that all have the same hash code.
            effort.step();
            if (known.add(new Value(element, equality))) {
                distinct.add(element);
            }
        }
        return distinct;
    }

    // ---- patterns ---------------------------------------------------------------------------------------------------

    private static boolean matches(String text, String pattern) {
        try {
            return Patterns.matcher(Effort.current(), pattern, Patterns.size(pattern), text)
                    .find();
        } catch (RuntimeException e) {
            throw new CelInvalidArgumentException(e);
        }
    }

    private static void extract(Effort effort, Object[] arguments) {
        var text = (String) arguments[0];
        long size = Patterns.size((String) arguments[1]);
        if (Patterns.isLong(text, size)) {
            Patterns.matcher(effort, (String) arguments[1], size, text).find();
        }
    }

    private static void extractAll(Effort effort, Object[] arguments) {
        everyMatch(effort, arguments, _ -> Weight.OBJECT + Weight.ELEMENT);
    }

    private static void replaceMatches(Effort effort, Object[] arguments) {
        var replacement = (String) arguments[2];
        long references = replacement.chars().filter(c -> c == '\\').count();
        everyMatch(effort, arguments, length -> replacement.length() + references * length);
    }

    /** @param each what a match costs, by its length */
    private static void everyMatch(Effort effort, Object[] arguments, LongUnaryOperator each) {
        var text = (String) arguments[0];
        var pattern = (String) arguments[1];
        long size = Patterns.size(pattern);
        // Each match may be the attempt to match all of the rest.
        boolean few = effort.has((text.length() + 1L) * each.applyAsLong(text.length()));
        if (few && !Patterns.isLong(text, size * (text.length() + 1L))) {
            return;
        }
        Matcher matcher = Patterns.matcher(effort, pattern, size, text);
        long needed = text.length();
        while (matcher.find()) {
            needed += each.applyAsLong(matcher.end() - matcher.start());
            effort.needs(needed);
        }
    }
}
