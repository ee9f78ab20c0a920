// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a record of parsed JSON, strictly: a problem with one key does not hide the others, and none is ignored. */
final class RecordBinder {
    private final List<String> problems = new ArrayList<>();

    /** Throws {@link ConfigException} with every problem found. */
    static <C extends Record> C bind(Class<C> type, Map<?, ?> config) {
        RecordBinder binder = new RecordBinder();
        Object bound = binder.record(type, config, "config");
        if (bound == null || !binder.problems.isEmpty()) {
            throw new ConfigException(binder.problems);
        }
        return type.cast(bound);
    }

    private @Nullable Object record(Class<?> type, Map<?, ?> members, String path) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> known =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        for (Object key : members.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                problems.add(path + "." + key + ": unknown key" + suggestion(String.valueOf(key), known));
            }
        }
        int before = problems.size();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int index = 0; index < components.length; index++) {
            RecordComponent component = components[index];
            types[index] = component.getType();
            Object found = members.get(component.getName());
            String at = path + "." + component.getName();
            values[index] = found == null ? absent(component.getType()) : value(component.getGenericType(), found, at);
        }
        return problems.size() > before ? null : construct(type, types, values, path);
    }

    private @Nullable Object construct(Class<?> type, Class<?>[] types, Object[] values, String path) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            switch (cause) {
                case ConfigException all -> problems.addAll(all.problems());
                case RuntimeException one -> problems.add(path + ": " + one.getMessage());
                default -> throw new IllegalStateException("cannot make a " + type.getName(), cause);
            }
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a " + type.getName() + "; is it accessible?", e);
        }
    }

    private @Nullable Object value(Type type, Object found, String path) {
        if (type instanceof ParameterizedType generic) {
            return container(generic, found, path);
        }
        if (!(type instanceof Class<?> raw)) {
            return found;
        }
        if (raw == Object.class || raw.isInstance(found)) {
            return found;
        }
        if (raw.isRecord()) {
            return found instanceof Map<?, ?> map ? record(raw, map, path) : problem(path, found, "an object");
        }
        return scalar(raw, found, path);
    }

    private @Nullable Object scalar(Class<?> raw, Object found, String path) {
        if (raw.isEnum()) {
            return constant(raw, found, path);
        }
        if (raw == boolean.class) {
            return found instanceof Boolean ? found : problem(path, found, "true or false");
        }
        if (Number.class.isAssignableFrom(wrapper(raw))) {
            return number(wrapper(raw), found, path);
        }
        if (!(found instanceof String text)) {
            return raw == String.class && !(found instanceof Map) && !(found instanceof List)
                    ? problem(path, found, "text; put it in quotes")
                    : problem(path, found, raw == String.class ? "text" : "a " + raw.getSimpleName());
        }
        try {
            if (raw == Duration.class) {
                return Durations.parse(text);
            }
            if (raw == URI.class) {
                return URI.create(text);
            }
            if (raw == Path.class) {
                return Path.of(text);
            }
        } catch (IllegalArgumentException e) {
            problems.add(path + ": " + e.getMessage());
            return null;
        }
        return problem(path, found, "a " + raw.getSimpleName());
    }

    private @Nullable Object container(ParameterizedType type, Object found, String path) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            return Optional.ofNullable(value(arguments[0], found, path));
        }
        if (type.getRawType() == List.class) {
            if (!(found instanceof List<?> list)) {
                return problem(path, found, "a list");
            }
            List<Object> bound = new ArrayList<>();
            for (int index = 0; index < list.size(); index++) {
                Object element = list.get(index);
                String at = path + "[" + index + "]";
                Object value = element == null ? problem(at, "null", "a value") : value(arguments[0], element, at);
                if (value != null) {
                    bound.add(value);
                }
            }
            return List.copyOf(bound);
        }
        if (type.getRawType() == Map.class) {
            if (!(found instanceof Map<?, ?> map)) {
                return problem(path, found, "an object");
            }
            Map<String, @Nullable Object> bound = new LinkedHashMap<>();
            map.forEach((key, element) -> bound.put(
                    String.valueOf(key), element == null ? null : value(arguments[1], element, path + "." + key)));
            return bound;
        }
        throw new IllegalStateException("a config record cannot have a " + type.getTypeName());
    }

    private @Nullable Object number(Class<?> wrapper, Object found, String path) {
        if (!(found instanceof Number number)) {
            return problem(path, found, "a number");
        }
        try {
            BigDecimal exact = new BigDecimal(number.toString());
            if (wrapper == Integer.class) {
                return exact.intValueExact();
            }
            if (wrapper == Long.class) {
                return exact.longValueExact();
            }
            return wrapper == Double.class ? (Object) exact.doubleValue() : exact;
        } catch (ArithmeticException e) {
            return problem(
                    path, found, wrapper == Integer.class ? "a whole number of 32 bits" : "a whole number of 64 bits");
        }
    }

    private @Nullable Object constant(Class<?> type, Object found, String path) {
        Object[] constants = type.getEnumConstants();
        String wanted = found.toString().replace('-', '_').toUpperCase(Locale.ROOT);
        for (Object constant : constants) {
            if (((Enum<?>) constant).name().equals(wanted)) {
                return constant;
            }
        }
        List<String> names = Arrays.stream(constants)
                .map(constant ->
                        ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        return problem(
                path,
                found,
                "one of " + names.stream().collect(Collectors.joining(", ")) + suggestion(found.toString(), names));
    }

    private @Nullable Object problem(String path, Object found, String expected) {
        problems.add(path + ": found '" + found + "', expected " + expected);
        return null;
    }

    private static @Nullable Object absent(Class<?> type) {
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == Map.class) {
            return Map.of();
        }
        if (type == boolean.class) {
            return false;
        }
        if (type == int.class) {
            return 0;
        }
        if (type == long.class) {
            return 0L;
        }
        return type == double.class ? 0.0 : null;
    }

    private static Class<?> wrapper(Class<?> type) {
        if (type == int.class) {
            return Integer.class;
        }
        if (type == long.class) {
            return Long.class;
        }
        return type == double.class ? Double.class : type;
    }

    private static String suggestion(String found, List<String> known) {
        return known.stream()
                .filter(name -> distance(found.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT))
                        <= Math.max(2, name.length() / 3))
                .min((left, right) -> Integer.compare(distance(found, left), distance(found, right)))
                .map(name -> "; did you mean '" + name + "'?")
                .orElse(known.isEmpty() ? "; there are none here" : "; known are " + String.join(", ", known));
    }

    /** The edit distance of Levenshtein. */
    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            int[] current = new int[right.length() + 1];
            current[0] = row;
            for (int column = 1; column <= right.length(); column++) {
                int replace = previous[column - 1] + (left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replace, 1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
