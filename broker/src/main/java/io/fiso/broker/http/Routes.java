// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.api.AnnotationsProto;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Every way to call the services over HTTP. Immutable. */
final class Routes {
    private final List<Route> routes;

    private Routes(List<Route> routes) {
        this.routes = routes;
    }

    /** A route, and what the variables of its path are. */
    record Match(Route route, List<String> variables) {}

    /**
     * From the options of the services' methods; one without is not there over HTTP. A method that takes a stream of requests and has the option gets a
     * stream of one.
     *
     * @throws IllegalArgumentException if one is wrong, or two mean the same
     */
    static Routes of(List<ServerServiceDefinition> services) {
        List<Route> routes = new ArrayList<>();
        Map<String, Route> shapes = new HashMap<>();
        services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(RpcMethod::of)
                .flatMap(Routes::routes)
                .forEach(route -> {
                    Route other = shapes.put(route.verb() + " " + route.path().shape(), route);
                    if (other != null) {
                        throw new IllegalArgumentException(
                                "http: " + route.method().contract().getFullName() + " and "
                                        + other.method().contract().getFullName() + " are both called by "
                                        + route.verb() + " " + route.path().shape());
                    }
                    routes.add(route);
                });
        routes.sort(Comparator.comparing(Route::path).thenComparing(Route::verb));
        return new Routes(List.copyOf(routes));
    }

    private static Stream<Route> routes(RpcMethod method) {
        return method.contract().getOptions().hasExtension(AnnotationsProto.http)
                ? Route.all(method.contract().getOptions().getExtension(AnnotationsProto.http), method).stream()
                : Stream.empty();
    }

    List<Route> all() {
        return routes;
    }

    /** @throws HttpProblem if there is none */
    Match find(String verb, RequestPath path) {
        TreeSet<String> allowed = new TreeSet<>();
        for (Route route : routes) {
            Optional<List<String>> variables = route.path().match(path);
            if (variables.isPresent()) {
                if (route.verb().equals(verb)) {
                    return new Match(route, variables.get());
                }
                allowed.add(route.verb());
            }
        }
        if (allowed.isEmpty()) {
            throw HttpProblem.of(
                    404,
                    Status.Code.NOT_FOUND,
                    "broker.path_unknown",
                    "nothing is at this path; /openapi.json says what is where");
        }
        throw notAllowed(String.join(", ", allowed));
    }

    static HttpProblem notAllowed(String allowed) {
        return HttpProblem.of(
                405,
                Status.Code.UNIMPLEMENTED,
                "broker.method_not_allowed",
                "this path takes " + allowed,
                Map.of("Allow", allowed));
    }
}
