// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import io.fiso.proto.broker.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.fiso.proto.broker.v1.ListResourcesRequest;
import io.fiso.proto.broker.v1.QueuesGrpc.QueuesBlockingStub;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.ResourcesGrpc.ResourcesBlockingStub;
import io.fiso.proto.broker.v1.StreamsGrpc.StreamsBlockingStub;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One kind of what a broker has, as a command sees it; the broker's errors become {@link CommandException}s here and nowhere else. */
final class BrokerClient implements AutoCloseable {
    private final BrokerConnection connection;
    private final ResourceNames kind;
    private final Duration timeout;

    BrokerClient(BrokerAddress address, ResourceNames kind, Duration timeout) {
        this.connection = BrokerConnection.to(address);
        this.kind = kind;
        this.timeout = timeout;
    }

    ResourceNames kind() {
        return kind;
    }

    BrokerConnection connection() {
        return connection;
    }

    ResourcesBlockingStub resources() {
        return connection.resources().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    StreamsBlockingStub streams() {
        return connection.streams().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    QueuesBlockingStub queues() {
        return queues(Duration.ZERO);
    }

    /** @param wait how long the broker may wait by itself */
    QueuesBlockingStub queues(Duration wait) {
        return connection.queues().withDeadlineAfter(timeout.plus(wait).toMillis(), TimeUnit.MILLISECONDS);
    }

    KeyValueBlockingStub keyValues() {
        return connection.keyValues().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** All of this kind that the caller may see, by name. */
    List<Resource> all() {
        return call("", () -> resources().listResources(ListResourcesRequest.getDefaultInstance()))
                .getResourcesList()
                .stream()
                .filter(resource -> resource.getName().split("/", -1)[2].equals(kind.kind()))
                .toList();
    }

    /**
     * Makes a call.
     *
     * @param name of the resource it is for, in full, to suggest others if there is none; empty if it is for none
     */
    <A> A call(String name, Supplier<A> call) {
        try {
            return connection.call(call);
        } catch (BrokerFailure e) {
            throw failure(name, e);
        }
    }

    /** The same for a call whose answers come one by one. */
    CommandException failure(String name, StatusRuntimeException e) {
        return failure(name, BrokerFailure.of(e, connection.address()));
    }

    private CommandException failure(String name, BrokerFailure e) {
        String message = String.valueOf(e.getMessage());
        String code = e.code();
        Failure failure = switch (e.status()) {
            case NOT_FOUND ->
                Failure.invalid(code, message, code.equals("broker.resource_not_found") ? suggestion(name) : "");
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Failure.invalid(code, message, "");
            case UNAUTHENTICATED ->
                Failure.invalid(
                        code, message, "the broker's tokens are in access.json in its directory; see --token-file");
            case PERMISSION_DENIED ->
                Failure.invalid(code, message, "access.json in the broker's directory says who may do what");
            case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> Failure.failed(code, Problem.Owner.USER, message, "");
            case RESOURCE_EXHAUSTED ->
                new Failure(code, Problem.Owner.RESOURCES, ExitCode.ENVIRONMENT, message, "", List.of());
            case INTERNAL, UNKNOWN, DATA_LOSS -> Failure.failed(code, Problem.Owner.INTERNAL, message, "");
            case DEADLINE_EXCEEDED ->
                Failure.environment(
                        code,
                        "the broker at " + connection.address() + " did not answer within " + Durations.show(timeout),
                        "wait longer with --timeout");
            case UNIMPLEMENTED ->
                Failure.environment(
                        code, "what answers at " + connection.address() + " is no broker of Fiso: " + message, "");
            default ->
                Failure.environment(
                        code,
                        message,
                        code.equals("broker.unavailable")
                                ? "start one with \"fisoctl broker\", or say where yours is with --broker"
                                : "");
        };
        return new CommandException(failure, e);
    }

    private String suggestion(String name) {
        String make = "\"fisoctl " + word(kind) + " create " + BrokerNames.brief(name) + "\" makes it";
        try {
            List<String> near = Spelling.nearest(
                    BrokerNames.brief(name),
                    all().stream().map(r -> BrokerNames.brief(r.getName())).toList());
            return near.isEmpty() ? make : "did you mean " + String.join(" or ", near) + "? Otherwise " + make;
        } catch (CommandException _) {
            // What there is cannot be seen: then nothing is suggested.
            return make;
        }
    }

    /** The command for a kind. */
    static String word(ResourceNames kind) {
        return switch (kind) {
            case STREAM -> "stream";
            case QUEUE -> "queue";
            case KEY_VALUE -> "kv";
        };
    }

    /** Whether a call ended because this side ended it. */
    static boolean cancelled(Throwable e) {
        return Status.fromThrowable(e).getCode() == Status.Code.CANCELLED;
    }

    @Override
    public void close() {
        connection.close();
    }
}
