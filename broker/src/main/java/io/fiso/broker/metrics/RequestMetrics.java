// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import io.fiso.broker.metrics.Samples.Sample;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Counts calls that have ended, over gRPC and over HTTP alike, by method and status. Thread-safe. */
public final class RequestMetrics implements ServerInterceptor, Metrics.Source {
    private final Map<Ended, LongAdder> ended = new ConcurrentHashMap<>();

    /** Methods are those that are served: nobody makes new ones by asking. */
    private record Ended(String method, Status.Code status) {}

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        AtomicBoolean counted = new AtomicBoolean();
        ServerCall<Q, A> counting = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                count(method, status.getCode(), counted);
                super.close(status, trailers);
            }
        };
        return new SimpleForwardingServerCallListener<>(next.startCall(counting, headers)) {
            @Override
            public void onCancel() {
                count(method, Status.Code.CANCELLED, counted);
                super.onCancel();
            }
        };
    }

    private void count(String method, Status.Code status, AtomicBoolean counted) {
        if (counted.compareAndSet(false, true)) {
            ended.computeIfAbsent(new Ended(method, status), _ -> new LongAdder())
                    .increment();
        }
    }

    @Override
    public List<MetricSnapshot> metrics() {
        return List.of(Samples.counter(
                "fiso_broker_requests",
                "Calls that have ended, over gRPC and HTTP, by method and status",
                ended.entrySet().stream()
                        .map(entry -> new Sample(
                                Labels.of(
                                        "method",
                                        entry.getKey().method(),
                                        "status",
                                        entry.getKey().status().name()),
                                entry.getValue().sum()))
                        .toList()));
    }
}
