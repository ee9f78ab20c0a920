// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.access.Caller;
import io.fiso.broker.access.Permission;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.WireResource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Store;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.CreateResourceResponse;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceResponse;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.GetResourceResponse;
import io.fiso.proto.broker.v1.ListResourcesRequest;
import io.fiso.proto.broker.v1.ListResourcesResponse;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;

/** Makes, shows and removes resources. */
public final class ResourceService extends ResourcesGrpc.ResourcesImplBase {
    private final Store store;
    private final Catalogue catalogue;
    private final BiConsumer<Change, Resource> contents;

    /** @param contents removes what a resource holds */
    public ResourceService(Store store, Catalogue catalogue, BiConsumer<Change, Resource> contents) {
        this.store = store;
        this.catalogue = catalogue;
        this.contents = contents;
    }

    @Override
    public void createResource(CreateResourceRequest request, StreamObserver<CreateResourceResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Resource made = catalogue.create(
                    ResourceName.parse(request.getResource().getName()),
                    WireResource.durability(request.getResource().getDurability()),
                    WireResource.settings(request.getResource()));
            return CreateResourceResponse.newBuilder()
                    .setResource(WireResource.of(made))
                    .build();
        });
    }

    @Override
    public void getResource(GetResourceRequest request, StreamObserver<GetResourceResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            ResourceName name = ResourceName.parse(request.getName());
            Resource found = store.read(view -> catalogue.require(view, name));
            return GetResourceResponse.newBuilder()
                    .setResource(WireResource.of(found))
                    .build();
        });
    }

    @Override
    public void listResources(ListResourcesRequest request, StreamObserver<ListResourcesResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            String parent = request.getParent();
            if (parent.startsWith("/") || parent.endsWith("/")) {
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.parent_invalid",
                        "parent has the form tenant/namespace or tenant/namespace/kind, without a slash before or after");
            }
            ListResourcesResponse.Builder answer = ListResourcesResponse.newBuilder();
            Caller caller = Caller.current();
            store.read(view -> catalogue.list(view, parent.isEmpty() ? "" : parent + "/")).stream()
                    .filter(resource -> caller.may(Permission.READ, resource.name()))
                    .forEach(resource -> answer.addResources(WireResource.of(resource)));
            return answer.build();
        });
    }

    @Override
    public void deleteResource(DeleteResourceRequest request, StreamObserver<DeleteResourceResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            catalogue.delete(ResourceName.parse(request.getName()), contents);
            return DeleteResourceResponse.getDefaultInstance();
        });
    }
}
