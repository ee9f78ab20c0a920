// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the contracts' comments say, by full name (of an enum's value: below the enum's). Generated code has none; a file beside it does. */
record Comments(Map<String, String> byName) {
    private static final String RESOURCE = "/META-INF/fiso/contracts.binpb";

    /** Of Fiso's own contracts; none if they were built without. */
    static Comments ofContracts() {
        try (InputStream stored = Comments.class.getResourceAsStream(RESOURCE)) {
            return stored == null ? new Comments(Map.of()) : of(FileDescriptorSet.parseFrom(stored));
        } catch (IOException e) {
            throw new UncheckedIOException("the comments of the contracts cannot be read", e);
        }
    }

    static Comments of(FileDescriptorSet files) {
        Map<String, String> found = new HashMap<>();
        for (FileDescriptorProto file : files.getFileList()) {
            Map<List<Integer>, String> byPath = new HashMap<>();
            for (Location location : file.getSourceCodeInfo().getLocationList()) {
                if (location.hasLeadingComments()) {
                    byPath.put(location.getPathList(), text(location.getLeadingComments()));
                }
            }
            new Walk(byPath, found).file(file);
        }
        return new Comments(Map.copyOf(found));
    }

    private static String text(String comment) {
        return comment.lines()
                .map(String::strip)
                .collect(Collectors.joining(" "))
                .strip();
    }

    /** Empty if there is none. */
    String of(String fullName) {
        return byName.getOrDefault(fullName, "");
    }

    /** Through one file, by the numbers that descriptor.proto gives to what it lists. */
    private record Walk(Map<List<Integer>, String> byPath, Map<String, String> found) {
        void file(FileDescriptorProto file) {
            String scope = file.getPackage() + ".";
            for (int i = 0; i < file.getMessageTypeCount(); i++) {
                message(file.getMessageType(i), scope, List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i));
            }
            for (int i = 0; i < file.getEnumTypeCount(); i++) {
                enumeration(file.getEnumType(i), scope, List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
            }
            for (int i = 0; i < file.getServiceCount(); i++) {
                List<Integer> path = List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, i);
                String name = scope + file.getService(i).getName();
                note(name, path);
                for (int j = 0; j < file.getService(i).getMethodCount(); j++) {
                    note(
                            name + "." + file.getService(i).getMethod(j).getName(),
                            below(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, j));
                }
            }
        }

        private void message(DescriptorProto message, String scope, List<Integer> path) {
            String name = scope + message.getName();
            note(name, path);
            for (int i = 0; i < message.getFieldCount(); i++) {
                note(name + "." + message.getField(i).getName(), below(path, DescriptorProto.FIELD_FIELD_NUMBER, i));
            }
            for (int i = 0; i < message.getNestedTypeCount(); i++) {
                message(message.getNestedType(i), name + ".", below(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i));
            }
            for (int i = 0; i < message.getEnumTypeCount(); i++) {
                enumeration(message.getEnumType(i), name + ".", below(path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
            }
        }

        private void enumeration(EnumDescriptorProto enumeration, String scope, List<Integer> path) {
            String name = scope + enumeration.getName();
            note(name, path);
            for (int i = 0; i < enumeration.getValueCount(); i++) {
                note(
                        name + "." + enumeration.getValue(i).getName(),
                        below(path, EnumDescriptorProto.VALUE_FIELD_NUMBER, i));
            }
        }

        private void note(String name, List<Integer> path) {
            String comment = byPath.get(path);
            if (comment != null) {
                found.put(name, comment);
            }
        }

        private static List<Integer> below(List<Integer> path, int list, int index) {
            List<Integer> longer = new ArrayList<>(path);
            longer.add(list);
            longer.add(index);
            return longer;
        }
    }
}
