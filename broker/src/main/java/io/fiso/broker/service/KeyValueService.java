// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.keyvalue.Key;
import io.fiso.broker.keyvalue.KeyPage;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.keyvalue.KeyWatch;
import io.fiso.proto.broker.v1.ChangeKeysRequest;
import io.fiso.proto.broker.v1.ChangeKeysResponse;
import io.fiso.proto.broker.v1.DeleteKeyRequest;
import io.fiso.proto.broker.v1.DeleteKeyResponse;
import io.fiso.proto.broker.v1.GetKeyRequest;
import io.fiso.proto.broker.v1.GetKeyResponse;
import io.fiso.proto.broker.v1.KeyValueGrpc;
import io.fiso.proto.broker.v1.PutKeyRequest;
import io.fiso.proto.broker.v1.PutKeyResponse;
import io.fiso.proto.broker.v1.ScanKeysRequest;
import io.fiso.proto.broker.v1.ScanKeysResponse;
import io.fiso.proto.broker.v1.WatchKeysRequest;
import io.fiso.proto.broker.v1.WatchKeysResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Key-value stores over gRPC. */
public final class KeyValueService extends KeyValueGrpc.KeyValueImplBase {
    private final KeyValues keyValues;

    public KeyValueService(KeyValues keyValues) {
        this.keyValues = keyValues;
    }

    @Override
    public void getKey(GetKeyRequest request, StreamObserver<GetKeyResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            ResourceName store = store(request.getStore());
            return GetKeyResponse.newBuilder()
                    .setEntry(WireKeys.of(keyValues
                            .get(store, new Key(request.getKey()))
                            .orElseThrow(() -> new BrokerException(
                                    Kind.NOT_FOUND,
                                    "broker.key_not_found",
                                    "there is no such key in " + store + ", or its time is over"))))
                    .build();
        });
    }

    @Override
    public void putKey(PutKeyRequest request, StreamObserver<PutKeyResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> PutKeyResponse.newBuilder()
                        .setRevision(keyValues.change(store(request.getStore()), WireKeys.put(request)))
                        .build());
    }

    @Override
    public void deleteKey(DeleteKeyRequest request, StreamObserver<DeleteKeyResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            long revision = keyValues.change(store(request.getStore()), WireKeys.delete(request));
            return DeleteKeyResponse.newBuilder()
                    .setDeleted(revision != 0)
                    .setRevision(revision)
                    .build();
        });
    }

    @Override
    public void changeKeys(ChangeKeysRequest request, StreamObserver<ChangeKeysResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> ChangeKeysResponse.newBuilder()
                        .addAllRevisions(keyValues.change(
                                store(request.getStore()),
                                request.getOperationsList().stream()
                                        .map(WireKeys::operation)
                                        .toList()))
                        .build());
    }

    @Override
    public void scanKeys(ScanKeysRequest request, StreamObserver<ScanKeysResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            KeyPage page = keyValues.scan(
                    store(request.getStore()),
                    request.getPrefix(),
                    request.getPageSize() == 0 ? 100 : request.getPageSize(),
                    Optional.of(request.getPageToken()).filter(token -> !token.isEmpty()),
                    request.getKeysOnly());
            ScanKeysResponse.Builder answer = ScanKeysResponse.newBuilder().setRevision(page.revision());
            page.entries().forEach(entry -> answer.addEntries(WireKeys.of(entry)));
            return answer.setNextPageToken(page.next().orElse("")).build();
        });
    }

    /** Each watch has a thread of its own, which ends with its caller or with the broker. */
    @Override
    public void watchKeys(WatchKeysRequest request, StreamObserver<WatchKeysResponse> observer) {
        ServerCallStreamObserver<WatchKeysResponse> call = (ServerCallStreamObserver<WatchKeysResponse>) observer;
        KeyWatch watch;
        try {
            watch = keyValues.watch(store(request.getStore()), WireKeys.filter(request), request.getFromRevision());
        } catch (Throwable e) {
            observer.onError(GrpcErrors.toStatus(e));
            return;
        }
        WatchCall sending = new WatchCall(watch, call);
        call.setOnReadyHandler(sending::ready);
        call.setOnCancelHandler(sending::cancelled);
        Thread.ofVirtual().name("broker-watch").start(sending);
    }

    private static ResourceName store(String name) {
        return ResourceName.parse(name, ResourceKind.KEY_VALUE);
    }
}
