// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;

/**
 * A method of a gRPC service, as one calls it with messages.
 *
 * @param contract what its contract says
 * @param grpc for the call
 * @param request without any field
 */
record RpcMethod(
        com.google.protobuf.Descriptors.MethodDescriptor contract,
        MethodDescriptor<Message, Message> grpc,
        Message request) {

    /** @throws IllegalArgumentException if the service was not generated from a contract */
    static RpcMethod of(ServerMethodDefinition<?, ?> method) {
        MethodDescriptor<?, ?> served = method.getMethodDescriptor();
        if (!(served.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier)) {
            throw new IllegalArgumentException("http: " + served.getFullMethodName() + " comes from no contract");
        }
        com.google.protobuf.Descriptors.MethodDescriptor contract = supplier.getMethodDescriptor();
        Message request = prototype(served.getRequestMarshaller(), contract.getInputType());
        Message response = prototype(served.getResponseMarshaller(), contract.getOutputType());
        MethodDescriptor<Message, Message> grpc = MethodDescriptor.<Message, Message>newBuilder()
                .setType(served.getType())
                .setFullMethodName(served.getFullMethodName())
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
        return new RpcMethod(contract, grpc, request);
    }

    /** The generated type where the service has it: then a message goes to it as it is. A service that reads bytes gets them. */
    private static Message prototype(Marshaller<?> marshaller, Descriptor type) {
        return marshaller instanceof PrototypeMarshaller<?> typed && typed.getMessagePrototype() instanceof Message one
                ? one
                : DynamicMessage.getDefaultInstance(type);
    }

    boolean streamsAnswers() {
        return contract.isServerStreaming();
    }
}
