// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Where the messages of one type name resources. Immutable. */
final class NamedResources {
    private static final Set<String> CONVENTION = Set.of("name", "stream", "queue", "store", "key_value", "resource");

    private final List<List<FieldDescriptor>> paths;

    private NamedResources(List<List<FieldDescriptor>> paths) {
        this.paths = paths;
    }

    /** @throws IllegalArgumentException if a path leads to no string */
    static NamedResources of(Descriptor type, List<String> declared) {
        return new NamedResources(
                declared.stream().map(path -> resolved(type, path)).toList());
    }

    /** By the names that fields of the message have; if none has one of them, that fields of messages in it have. */
    static NamedResources byConvention(Descriptor type) {
        List<List<FieldDescriptor>> found = new ArrayList<>();
        type.getFields().stream().filter(NamedResources::isName).forEach(field -> found.add(List.of(field)));
        if (found.isEmpty()) {
            type.getFields().stream()
                    .filter(field -> field.getJavaType() == JavaType.MESSAGE && !field.isMapField())
                    .forEach(outer -> outer.getMessageType().getFields().stream()
                            .filter(NamedResources::isName)
                            .forEach(inner -> found.add(List.of(outer, inner))));
        }
        return new NamedResources(found);
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }

    /** Visits every name that is set, whatever it looks like. */
    void visit(Message message, Consumer<String> visitor) {
        paths.forEach(path -> visit(message, path, visitor));
    }

    private static void visit(Message message, List<FieldDescriptor> path, Consumer<String> visitor) {
        FieldDescriptor field = path.getFirst();
        List<?> values;
        if (field.isRepeated()) {
            values = (List<?>) message.getField(field);
        } else if (field.hasPresence() && !message.hasField(field)) {
            return;
        } else {
            values = List.of(message.getField(field));
        }
        for (Object value : values) {
            if (value instanceof Message inner) {
                visit(inner, path.subList(1, path.size()), visitor);
            } else if (!value.equals("")) {
                visitor.accept((String) value);
            }
        }
    }

    private static boolean isName(FieldDescriptor field) {
        return field.getJavaType() == JavaType.STRING && CONVENTION.contains(field.getName());
    }

    private static List<FieldDescriptor> resolved(Descriptor type, String path) {
        List<FieldDescriptor> fields = new ArrayList<>();
        Descriptor within = type;
        String[] parts = path.split("\\.", -1);
        for (int i = 0; i < parts.length; i++) {
            FieldDescriptor field = within.findFieldByName(parts[i]);
            boolean last = i == parts.length - 1;
            JavaType wanted = last ? JavaType.STRING : JavaType.MESSAGE;
            if (field == null || field.isMapField() || field.getJavaType() != wanted) {
                throw new IllegalArgumentException(
                        "access: \"" + path + "\" leads to no string in " + type.getFullName());
            }
            fields.add(field);
            within = last ? within : field.getMessageType();
        }
        return List.copyOf(fields);
    }
}
