// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import io.fiso.broker.access.Caller;
import io.fiso.broker.access.Permission;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.proto.broker.v1.AccessProto;
import io.fiso.proto.broker.v1.AccessRule;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** What the contracts say about who may call what. Immutable. */
public final class AccessRules {
    private final Map<String, Rule> rules;

    /** What is asked of the caller of one method. */
    sealed interface Rule {}

    /** In the namespaces of the resources that the request names. */
    record Needs(Permission permission, NamedResources names) implements Rule {}

    /** What the service asks. */
    record LeftToService() implements Rule {}

    private AccessRules(Map<String, Rule> rules) {
        this.rules = rules;
    }

    /**
     * Reads what the contracts of services say.
     *
     * @throws IllegalArgumentException if a method has no rule, and none can be found by convention: nothing is served that anybody might call
     */
    public static AccessRules of(List<ServerServiceDefinition> services) {
        Map<String, Rule> rules = new HashMap<>();
        services.forEach(service -> service.getMethods().forEach(method -> {
            String name = method.getMethodDescriptor().getFullMethodName();
            if (!(method.getMethodDescriptor().getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier proto)) {
                throw new IllegalArgumentException("access: " + name + " comes from no contract");
            }
            Rule rule = rule(proto.getMethodDescriptor());
            if (rule instanceof Needs && !isMessage(method.getMethodDescriptor().getRequestMarshaller())) {
                throw new IllegalArgumentException(
                        "access: the requests of " + name
                                + " are not parsed, so they cannot be looked into; let the service check them, and say so in its option");
            }
            rules.put(name, rule);
        }));
        return new AccessRules(Map.copyOf(rules));
    }

    Optional<Rule> of(String method) {
        return Optional.ofNullable(rules.get(method));
    }

    private static boolean isMessage(Marshaller<?> marshaller) {
        return marshaller instanceof PrototypeMarshaller<?> typed && typed.getMessagePrototype() instanceof Message;
    }

    private static Rule rule(MethodDescriptor method) {
        AccessRule declared = method.getOptions().getExtension(AccessProto.access);
        if (declared.getCheckedByService()) {
            return new LeftToService();
        }
        Permission permission = switch (declared.getNeeds()) {
            case PERMISSION_READ -> Permission.READ;
            case PERMISSION_WRITE -> Permission.WRITE;
            case PERMISSION_ADMIN -> Permission.ADMIN;
            case PERMISSION_UNSPECIFIED, UNRECOGNIZED -> byConvention(method);
        };
        NamedResources names = declared.getNamesCount() == 0
                ? NamedResources.byConvention(method.getInputType())
                : NamedResources.of(method.getInputType(), declared.getNamesList());
        if (names.isEmpty()) {
            throw new IllegalArgumentException("access: " + method.getFullName()
                    + " names no resource by convention; say in its option (fiso.broker.v1.access) where it does");
        }
        return new Needs(permission, names);
    }

    private static Permission byConvention(MethodDescriptor method) {
        HttpRule http = method.getOptions().getExtension(AnnotationsProto.http);
        return http.getPatternCase() == HttpRule.PatternCase.GET ? Permission.READ : Permission.WRITE;
    }

    /**
     * Holds a message against a rule.
     *
     * @param named whether a message of this call has named a resource; a call's first message has to
     * @throws io.fiso.broker.BrokerException if the caller may not do this, or a name is none
     */
    static void check(Needs rule, Caller caller, Object message, AtomicBoolean named) {
        if (!(message instanceof Message request)) {
            throw new IllegalArgumentException("a request that is no message cannot be looked into");
        }
        rule.names().visit(request, name -> {
            caller.require(rule.permission(), ResourceName.parse(name));
            named.set(true);
        });
        if (!named.get()) {
            // Refuses the empty name, with what a name has to be.
            ResourceName.parse("");
        }
    }
}
