// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Schemas of messages and enums as JSON writes them, each made when it is first referred to. */
final class OpenApiSchemas {
    private static final String DURATION = "^-?[0-9]+([.][0-9]{1,9})?s$";

    private final Comments comments;
    private final Map<String, Object> made = new TreeMap<>();

    OpenApiSchemas(Comments comments) {
        this.comments = comments;
    }

    /** All that were referred to, by full name. */
    Map<String, Object> all() {
        return made;
    }

    /** A field, with what its comment says. */
    Map<String, Object> field(FieldDescriptor field) {
        Map<String, Object> schema;
        if (field.isMapField()) {
            schema = Json.ordered(
                    "type",
                    "object",
                    "additionalProperties",
                    value(field.getMessageType().findFieldByName("value")));
        } else if (field.isRepeated()) {
            schema = Json.ordered("type", "array", "items", value(field));
        } else {
            schema = value(field);
        }
        return described(schema, comments.of(field.getFullName()));
    }

    private Map<String, Object> value(FieldDescriptor field) {
        return switch (field.getType()) {
            case DOUBLE, FLOAT ->
                Json.ordered(
                        "anyOf",
                        List.of(
                                Json.ordered(
                                        "type",
                                        "number",
                                        "format",
                                        field.getType() == FieldDescriptor.Type.FLOAT ? "float" : "double"),
                                Json.ordered("enum", List.of("NaN", "Infinity", "-Infinity"))));
            case INT32, SINT32, SFIXED32 -> Json.ordered("type", "integer", "format", "int32");
            case UINT32, FIXED32 ->
                Json.ordered("type", "integer", "format", "int64", "minimum", 0, "maximum", 0xffff_ffffL);
            case INT64, SINT64, SFIXED64 -> Json.ordered("type", "string", "format", "int64", "pattern", "^-?[0-9]+$");
            case UINT64, FIXED64 -> Json.ordered("type", "string", "format", "uint64", "pattern", "^[0-9]+$");
            case BOOL -> Json.ordered("type", "boolean");
            case STRING -> Json.ordered("type", "string");
            case BYTES -> Json.ordered("type", "string", "contentEncoding", "base64");
            case ENUM -> enumeration(field.getEnumType());
            case MESSAGE, GROUP -> message(field.getMessageType());
        };
    }

    private Map<String, Object> enumeration(EnumDescriptor type) {
        if (type.getFullName().equals("google.protobuf.NullValue")) {
            return Json.ordered("type", "null");
        }
        if (!made.containsKey(type.getFullName())) {
            String values = type.getValues().stream()
                    .map(value -> value.getName() + ": " + comments.of(type.getFullName() + "." + value.getName()))
                    .collect(Collectors.joining("\n"));
            String comment = comments.of(type.getFullName());
            made.put(
                    type.getFullName(),
                    described(
                            Json.ordered(
                                    "type",
                                    "string",
                                    "enum",
                                    type.getValues().stream()
                                            .map(EnumValueDescriptor::getName)
                                            .toList()),
                            comment.isEmpty() ? "" : comment + "\n" + values));
        }
        return reference(type.getFullName());
    }

    /** A message, by reference unless it is one of those that JSON writes in a way of its own. */
    Map<String, Object> message(Descriptor type) {
        return switch (type.getFullName()) {
            case "google.protobuf.Timestamp" -> Json.ordered("type", "string", "format", "date-time");
            case "google.protobuf.Duration" ->
                Json.ordered("type", "string", "pattern", DURATION, "examples", List.of("30s"));
            case "google.protobuf.FieldMask" -> Json.ordered("type", "string");
            case "google.protobuf.Struct" -> Json.ordered("type", "object");
            case "google.protobuf.ListValue" -> Json.ordered("type", "array");
            case "google.protobuf.Value" -> Json.ordered();
            case "google.protobuf.Empty" -> Json.ordered("type", "object", "maxProperties", 0);
            case "google.protobuf.Any" ->
                Json.ordered(
                        "type",
                        "object",
                        "properties",
                        Map.of("@type", Json.ordered("type", "string")),
                        "required",
                        List.of("@type"));
            case "google.protobuf.DoubleValue",
                    "google.protobuf.FloatValue",
                    "google.protobuf.Int64Value",
                    "google.protobuf.UInt64Value",
                    "google.protobuf.Int32Value",
                    "google.protobuf.UInt32Value",
                    "google.protobuf.BoolValue",
                    "google.protobuf.StringValue",
                    "google.protobuf.BytesValue" ->
                Json.ordered("anyOf", List.of(value(type.findFieldByName("value")), Json.ordered("type", "null")));
            default -> {
                if (!made.containsKey(type.getFullName())) {
                    // Before its fields, among which it may be itself.
                    made.put(type.getFullName(), Map.of());
                    made.put(type.getFullName(), object(type));
                }
                yield reference(type.getFullName());
            }
        };
    }

    private Map<String, Object> object(Descriptor type) {
        Map<String, Object> properties = new LinkedHashMap<>();
        type.getFields().forEach(field -> properties.put(field.getJsonName(), field(field)));
        Map<String, Object> schema = Json.ordered("type", "object", "properties", properties);
        List<Object> notTogether = new ArrayList<>();
        for (OneofDescriptor oneof : type.getRealOneofs()) {
            List<FieldDescriptor> fields = oneof.getFields();
            for (int i = 0; i < fields.size(); i++) {
                for (FieldDescriptor other : fields.subList(i + 1, fields.size())) {
                    notTogether.add(
                            Json.ordered("required", List.of(fields.get(i).getJsonName(), other.getJsonName())));
                }
            }
        }
        if (!notTogether.isEmpty()) {
            schema.put("not", Json.ordered("anyOf", notTogether));
        }
        return described(schema, comments.of(type.getFullName()));
    }

    private static Map<String, Object> reference(String name) {
        return Json.ordered("$ref", "#/components/schemas/" + name);
    }

    static Map<String, Object> described(Map<String, Object> schema, String description) {
        if (!description.isEmpty()) {
            schema.put("description", description);
        }
        return schema;
    }

    /** Whether a query can give it: text, or a list of it. */
    static boolean isText(FieldDescriptor field) {
        return FieldPath.takesText(field);
    }

    /** Whether a query reaches into it. */
    static boolean isNested(FieldDescriptor field) {
        return field.getJavaType() == JavaType.MESSAGE && !field.isRepeated() && !isText(field);
    }
}
