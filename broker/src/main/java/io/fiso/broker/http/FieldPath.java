// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A field of a request, or of a message in it, that text can be put into: a scalar, or a message that JSON writes as a string.
 *
 * @param fields from the request down
 */
record FieldPath(List<FieldDescriptor> fields) {
    private static final JsonFormat.Parser PARSER = JsonFormat.parser();

    /** Messages that are one string in JSON. */
    private static final Set<String> TEXTS = Set.of(
            "google.protobuf.Timestamp",
            "google.protobuf.Duration",
            "google.protobuf.FieldMask",
            "google.protobuf.StringValue",
            "google.protobuf.BytesValue",
            "google.protobuf.BoolValue",
            "google.protobuf.Int32Value",
            "google.protobuf.UInt32Value",
            "google.protobuf.Int64Value",
            "google.protobuf.UInt64Value",
            "google.protobuf.FloatValue",
            "google.protobuf.DoubleValue");

    /** By names of fields, as in the contract or as in JSON, with dots; empty if there is no such field or it takes no text. */
    static Optional<FieldPath> find(Descriptor type, String path) {
        List<FieldDescriptor> fields = new ArrayList<>();
        Descriptor within = type;
        for (String part : path.split("\\.", -1)) {
            FieldDescriptor field = within == null ? null : field(within, part).orElse(null);
            if (field == null || field.isMapField()) {
                return Optional.empty();
            }
            fields.add(field);
            boolean goesOn = field.getJavaType() == JavaType.MESSAGE && !takesText(field) && !field.isRepeated();
            within = goesOn ? field.getMessageType() : null;
        }
        return takesText(fields.getLast()) ? Optional.of(new FieldPath(List.copyOf(fields))) : Optional.empty();
    }

    static Optional<FieldDescriptor> field(Descriptor type, String name) {
        return type.getFields().stream()
                .filter(field ->
                        field.getJsonName().equals(name) || field.getName().equals(name))
                .findFirst();
    }

    static Set<String> names(Descriptor type) {
        return type.getFields().stream().map(FieldDescriptor::getJsonName).collect(Collectors.toSet());
    }

    static boolean takesText(FieldDescriptor field) {
        return !field.isMapField()
                && (field.getJavaType() != JavaType.MESSAGE
                        || TEXTS.contains(field.getMessageType().getFullName()));
    }

    FieldDescriptor last() {
        return fields.getLast();
    }

    /** As JSON calls it, with dots. */
    String name() {
        return fields.stream().map(FieldDescriptor::getJsonName).collect(Collectors.joining("."));
    }

    /**
     * Puts texts into a field that is not set yet; they are read as JSON reads strings for fields of this type.
     *
     * @throws HttpProblem if they do not fit, or the field is set
     */
    void put(Message.Builder request, List<String> values, String code) {
        if (!last().isRepeated() && values.size() > 1) {
            throw HttpProblem.invalid(code, "\"" + name() + "\" is given " + values.size() + " times, and is no list");
        }
        Message.Builder within = request;
        for (FieldDescriptor field : fields.subList(0, fields.size() - 1)) {
            within = within.getFieldBuilder(field);
        }
        Object value = last().isRepeated() ? values : values.getFirst();
        try {
            PARSER.merge(Json.text(Map.of(last().getJsonName(), value)), within);
        } catch (InvalidProtocolBufferException e) {
            throw HttpProblem.invalid(code, "\"" + name() + "\": " + e.getMessage());
        }
    }

    /** What stands in the field; empty if it is not set. */
    Optional<Object> value(Message.Builder request) {
        return within(request)
                .filter(message -> last().hasPresence()
                        ? message.hasField(last())
                        : !message.getField(last()).equals(last().getDefaultValue()))
                .map(message -> message.getField(last()));
    }

    void clear(Message.Builder request) {
        within(request).ifPresent(message -> message.clearField(last()));
    }

    /** The message that has the field; empty if it is not there. */
    private Optional<Message.Builder> within(Message.Builder request) {
        Message.Builder within = request;
        for (FieldDescriptor field : fields.subList(0, fields.size() - 1)) {
            if (!within.hasField(field)) {
                return Optional.empty();
            }
            within = within.getFieldBuilder(field);
        }
        return Optional.of(within);
    }
}
