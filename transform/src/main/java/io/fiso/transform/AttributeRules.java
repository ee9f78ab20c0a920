// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.values.CelByteString;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What CloudEvents lets attributes be. */
final class AttributeRules {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+");

    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\\s*;.*)?");

    private AttributeRules() {}

    /** Why no attribute is called that; null if it can be. */
    static @Nullable String refusal(String name) {
        if (name.equals("specversion")) {
            return "\"specversion\" is the version of CloudEvents, which no expression changes";
        }
        return NAME.matcher(name).matches()
                ? null
                : "\"" + name + "\" cannot be the name of an attribute: only lower-case letters and digits can";
    }

    /**
     * An attribute's value as events carry it.
     *
     * @param value what the expression gave
     * @return {@code String}, {@code Boolean}, {@code Integer}, {@code byte[]} or {@code Instant}; null if it is to be taken away
     */
    static @Nullable Object value(String name, @Nullable Object value) throws TransformException {
        return switch (name) {
            case "id", "type" -> required(value);
            case "source" -> uri(required(value), false);
            case "subject" -> value == null ? null : filled(text(value));
            case "datacontenttype" -> value == null ? null : mediaType(text(value));
            case "dataschema" -> value == null ? null : uri(filled(text(value)), true);
            case "time" -> value == null ? null : time(value);
            default -> value == null ? null : extension(value);
        };
    }

    private static String required(@Nullable Object value) throws TransformException {
        if (value == null) {
            throw new TransformException("it is null, and no event is without it");
        }
        return filled(text(value));
    }

    private static String filled(String text) throws TransformException {
        if (text.isEmpty()) {
            throw new TransformException("it is empty");
        }
        return text;
    }

    private static String text(Object value) throws TransformException {
        if (!(value instanceof String text)) {
            throw new TransformException(
                    "it must be a text, and is " + named(value) + "; make one of it with string(...)");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean half = Character.isSurrogate(c)
                    && (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1)));
            if (Character.isISOControl(c) || half) {
                throw new TransformException(
                        "it has a character that no attribute may have: U+%04X".formatted((int) c));
            }
            i += Character.isSurrogate(c) ? 1 : 0;
        }
        return text;
    }

    private static String uri(String text, boolean absolute) throws TransformException {
        try {
            if (new URI(text).isAbsolute() || !absolute) {
                return text;
            }
        } catch (URISyntaxException _) {
            throw new TransformException("it is no URI");
        }
        throw new TransformException("it must be an absolute URI");
    }

    private static String mediaType(String text) throws TransformException {
        if (!MEDIA_TYPE.matcher(text).matches()) {
            throw new TransformException("it must be a media type such as application/json");
        }
        return text;
    }

    /** A text stays the text it is, with its zone and its digits. */
    private static Object time(Object value) throws TransformException {
        if (value instanceof Instant) {
            return value;
        }
        var text = text(value);
        try {
            OffsetDateTime.parse(text);
            return text;
        } catch (DateTimeException _) {
            throw new TransformException("it must be a timestamp such as 2026-01-31T10:00:00Z");
        }
    }

    private static Object extension(Object value) throws TransformException {
        return switch (value) {
            case String text -> text(text);
            case Boolean flag -> flag;
            case Instant time -> time;
            case CelByteString bytes -> bytes.toByteArray();
            case Long number -> {
                if (number.intValue() != number) {
                    throw new TransformException(
                            "it needs more than the 32 bits that integers have in attributes; make a text of it with string(...)");
                }
                yield number.intValue();
            }
            default ->
                throw new TransformException(
                        "no attribute can be " + named(value) + "; make a text of it with string(...)");
        };
    }

    private static String named(Object value) {
        return switch (value) {
            case Boolean _ -> "true or false";
            case Long _ -> "an integer";
            case Double _ -> "a decimal";
            case java.util.List<?> _ -> "a list";
            case java.util.Map<?, ?> _ -> "an object";
            case Instant _ -> "a timestamp";
            case CelByteString _ -> "bytes";
            default -> "a " + value.getClass().getSimpleName();
        };
    }
}
