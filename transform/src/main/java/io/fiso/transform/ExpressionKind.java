// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What an expression is for, and so what it may be. What is known only when an event comes is checked then. */
public enum ExpressionKind {
    /** Anything that JSON can carry. */
    VALUE("", EnumSet.allOf(CelKind.class)),
    /** A decision. */
    CONDITION("must be true or false", EnumSet.of(CelKind.BOOL)),
    /** A list. */
    LIST("must be a list", EnumSet.of(CelKind.LIST)),
    /** An event's attribute that is a text; null takes it away. */
    TEXT("must be a text", EnumSet.of(CelKind.STRING, CelKind.NULL_TYPE)),
    /** An event's attribute that is a point in time; null takes it away. */
    TIME(
            "must be a timestamp, or a text that is one",
            EnumSet.of(CelKind.STRING, CelKind.TIMESTAMP, CelKind.NULL_TYPE)),
    /** Any other attribute of an event; null takes it away. */
    ATTRIBUTE(
            "must be a text, an integer, true or false, bytes or a timestamp, for an attribute is nothing else",
            EnumSet.of(CelKind.STRING, CelKind.INT, CelKind.BOOL, CelKind.BYTES, CelKind.TIMESTAMP, CelKind.NULL_TYPE)),
    /** Part of what tells an event from others: a text that is the same whenever the event is read again. */
    IDENTITY("must be a text", EnumSet.of(CelKind.STRING));

    private final String demand;
    private final Set<CelKind> kinds;

    ExpressionKind(String demand, Set<CelKind> kinds) {
        this.demand = demand;
        this.kinds = kinds;
    }

    /** What the override of an attribute is. */
    public static ExpressionKind ofAttribute(String name) {
        return switch (name) {
            case "id", "source", "type" -> IDENTITY;
            case "subject", "datacontenttype", "dataschema" -> TEXT;
            case "time" -> TIME;
            case "data" -> VALUE;
            default -> ATTRIBUTE;
        };
    }

    /** Whether it becomes an attribute, where people write a word and mean a text. */
    boolean isAttribute() {
        return this == TEXT || this == TIME || this == ATTRIBUTE || this == IDENTITY;
    }

    /** Why an expression of this type cannot be of this kind; empty if it can, or if that shows only when an event comes. */
    Optional<String> refusal(CelType type) {
        boolean open = switch (type.kind()) {
            case DYN, ANY, TYPE_PARAM, UNSPECIFIED, OPAQUE -> true;
            default -> false;
        };
        return open || kinds.contains(type.kind()) ? Optional.empty() : Optional.of(demand + ", and is " + named(type));
    }

    private static String named(CelType type) {
        return switch (type.kind()) {
            case STRING -> "a text";
            case BOOL -> "true or false";
            case INT, UINT -> "an integer";
            case DOUBLE -> "a decimal";
            case BYTES -> "bytes";
            case LIST -> "a list";
            case MAP -> "a map";
            case TIMESTAMP -> "a timestamp";
            case DURATION -> "a duration";
            case NULL_TYPE -> "null";
            default -> "a " + type.name();
        };
    }
}
