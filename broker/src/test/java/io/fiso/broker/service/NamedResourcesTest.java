// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.ListResourcesRequest;
import io.fiso.proto.broker.v1.ListResourcesResponse;
import io.fiso.proto.broker.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedResourcesTest {
    private static final Resource ONE = Resource.newBuilder().setName("one").build();
    private static final Resource TWO = Resource.newBuilder().setName("two").build();

    @Test
    void aPathGoesThroughMessagesAndLists() {
        Message list = ListResourcesResponse.newBuilder()
                .addResources(ONE)
                .addResources(TWO)
                .build();
        assertThat(names(NamedResources.of(list.getDescriptorForType(), List.of("resources.name")), list))
                .containsExactly("one", "two");
    }

    @Test
    void byConventionTheMessageItselfComesBeforeThoseInIt() {
        Message plain = GetResourceRequest.newBuilder().setName("one").build();
        Message nested = CreateResourceRequest.newBuilder().setResource(TWO).build();
        assertThat(names(NamedResources.byConvention(plain.getDescriptorForType()), plain))
                .containsExactly("one");
        assertThat(names(NamedResources.byConvention(nested.getDescriptorForType()), nested))
                .containsExactly("two");
        assertThat(NamedResources.byConvention(ListResourcesRequest.getDescriptor())
                        .isEmpty())
                .isTrue();
    }

    @Test
    void whatIsNotSetNamesNothing() {
        assertThat(names(
                        NamedResources.byConvention(CreateResourceRequest.getDescriptor()),
                        CreateResourceRequest.getDefaultInstance()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nothing", "resource", "resource.stream", "resource.name.x", "resource.create_time.seconds"})
    void refusesAPathThatLeadsToNoString(String path) {
        assertThatThrownBy(() -> NamedResources.of(CreateResourceRequest.getDescriptor(), List.of(path)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> names(NamedResources names, Message message) {
        List<String> found = new ArrayList<>();
        names.visit(message, found::add);
        return found;
    }
}
