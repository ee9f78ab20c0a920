// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import com.google.api.AnnotationsProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.StructProto;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TimestampProto;
import io.fiso.proto.broker.v1.AccessProto;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.LinkedBlockingQueue;

/** A service with every kind of route. Unary methods answer with what they were asked; streams are driven by the test. */
public final class ProbeService implements BindableService {
    private static final String CONTRACT = """
            name: "probe.proto" package: "fiso.probe.v1" syntax: "proto3"
            dependency: "google/api/annotations.proto" dependency: "google/protobuf/timestamp.proto"
            dependency: "google/protobuf/duration.proto" dependency: "google/protobuf/struct.proto"
            dependency: "fiso/broker/v1/access.proto"
            enum_type { name: "Color" value { name: "COLOR_UNSPECIFIED" number: 0 } value { name: "COLOR_RED" number: 1 } }
            message_type {
              name: "Inner"
              field { name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
              field { name: "big_number" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL json_name: "bigNumber" }
            }
            message_type {
              name: "Echo"
              field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
              field { name: "number" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
              field { name: "tags" number: 3 type: TYPE_STRING label: LABEL_REPEATED }
              field { name: "color" number: 4 type: TYPE_ENUM type_name: ".fiso.probe.v1.Color" label: LABEL_OPTIONAL }
              field { name: "payload" number: 5 type: TYPE_BYTES label: LABEL_OPTIONAL }
              field { name: "at" number: 6 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
              field { name: "wait" number: 7 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL }
              field { name: "inner" number: 8 type: TYPE_MESSAGE type_name: ".fiso.probe.v1.Inner" label: LABEL_OPTIONAL }
              field { name: "flag" number: 9 type: TYPE_BOOL label: LABEL_OPTIONAL }
              field { name: "anything" number: 10 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL }
              field { name: "path" number: 11 type: TYPE_STRING label: LABEL_OPTIONAL }
              field { name: "below" number: 12 type: TYPE_MESSAGE type_name: ".fiso.probe.v1.Echo" label: LABEL_REPEATED }
              field { name: "rate" number: 13 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
            }
            message_type {
              name: "EchoAnswer"
              field { name: "echo" number: 1 type: TYPE_MESSAGE type_name: ".fiso.probe.v1.Echo" label: LABEL_OPTIONAL }
            }
            service {
              name: "Probe"
              method {
                name: "Get" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.EchoAnswer"
                options { [google.api.http] {
                  get: "/v1/probe/{name=*/*/*/*}" additional_bindings { get: "/v1/also/{name=*/*/*/*}/{number}" }
                } }
              }
              method {
                name: "Append" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.EchoAnswer"
                options { [google.api.http] { post: "/v1/probe/{name=*/*/*/*}:append" body: "*" } }
              }
              method {
                name: "Set" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.EchoAnswer"
                options {
                  [google.api.http] { patch: "/v1/probe/{name=*/*/*/*}/inner" body: "inner" response_body: "echo" }
                  [fiso.broker.v1.access] { needs: PERMISSION_ADMIN }
                }
              }
              method {
                name: "File" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.EchoAnswer"
                options { [google.api.http] { get: "/v1/files/{name=*/*/streams/*}/{path=**}" } }
              }
              method {
                name: "Watch" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.Echo" server_streaming: true
                options { [google.api.http] { get: "/v1/probe/{name=*/*/*/*}:watch" } }
              }
              method {
                name: "Chat" input_type: ".fiso.probe.v1.Echo" output_type: ".fiso.probe.v1.Echo"
                client_streaming: true server_streaming: true
              }
            }
            """;

    /** The streams that were begun and not yet taken by the test. */
    public final LinkedBlockingQueue<ServerCallStreamObserver<DynamicMessage>> streams = new LinkedBlockingQueue<>();

    /** What came over Chat. */
    public final LinkedBlockingQueue<DynamicMessage> heard = new LinkedBlockingQueue<>();

    private final ServiceDescriptor contract = contract();

    private static ServiceDescriptor contract() {
        ExtensionRegistry extensions = ExtensionRegistry.newInstance();
        extensions.add(AnnotationsProto.http);
        extensions.add(AccessProto.access);
        FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder();
        try {
            TextFormat.merge(CONTRACT, extensions, file);
            return FileDescriptor.buildFrom(file.build(), new FileDescriptor[] {
                        AnnotationsProto.getDescriptor(),
                        TimestampProto.getDescriptor(),
                        DurationProto.getDescriptor(),
                        StructProto.getDescriptor(),
                        AccessProto.getDescriptor()
                    })
                    .findServiceByName("Probe");
        } catch (TextFormat.ParseException | DescriptorValidationException e) {
            throw new AssertionError(e);
        }
    }

    /** For calls. */
    public MethodDescriptor<DynamicMessage, DynamicMessage> method(String name) {
        var method = contract.findMethodByName(name);
        ProtoMethodDescriptorSupplier supplier = new ProtoMethodDescriptorSupplier() {
            @Override
            public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
                return method;
            }

            @Override
            public ServiceDescriptor getServiceDescriptor() {
                return contract;
            }

            @Override
            public FileDescriptor getFileDescriptor() {
                return contract.getFile();
            }
        };
        return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                .setType(
                        method.isClientStreaming()
                                ? MethodDescriptor.MethodType.BIDI_STREAMING
                                : method.isServerStreaming()
                                        ? MethodDescriptor.MethodType.SERVER_STREAMING
                                        : MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(contract.getFullName(), name))
                .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
                .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
                .setSchemaDescriptor(supplier)
                .build();
    }

    /** A message for a call. */
    public DynamicMessage echo(String name) {
        var type = contract.getFile().findMessageTypeByName("Echo");
        return DynamicMessage.newBuilder(type)
                .setField(type.findFieldByName("name"), name)
                .build();
    }

    private void begun(StreamObserver<DynamicMessage> observer) {
        ServerCallStreamObserver<DynamicMessage> stream = (ServerCallStreamObserver<DynamicMessage>) observer;
        // Or what is said after an end throws.
        stream.setOnCancelHandler(() -> {});
        streams.add(stream);
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(contract.getFullName());
        for (String unary : new String[] {"Get", "Append", "Set", "File"}) {
            service.addMethod(method(unary), ServerCalls.asyncUnaryCall((request, observer) -> {
                var type = contract.findMethodByName(unary).getOutputType();
                observer.onNext(DynamicMessage.newBuilder(type)
                        .setField(type.findFieldByName("echo"), request)
                        .build());
                observer.onCompleted();
            }));
        }
        service.addMethod(method("Watch"), ServerCalls.asyncServerStreamingCall((_, observer) -> begun(observer)));
        service.addMethod(method("Chat"), ServerCalls.asyncBidiStreamingCall(observer -> {
            begun(observer);
            return new StreamObserver<>() {
                @Override
                public void onNext(DynamicMessage message) {
                    heard.add(message);
                    observer.onNext(message);
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {
                    observer.onCompleted();
                }
            };
        }));
        return service.build();
    }
}
