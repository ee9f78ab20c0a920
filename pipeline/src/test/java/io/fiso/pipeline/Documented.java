// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The documents that tests start from, and the components they name: the real ones, from their folders. */
final class Documented {
    private Documented() {}

    static final ComponentCatalog CATALOG = ComponentCatalog.load(List.of(Path.of("..", "components")));

    static final String ORDERS = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: orders}
            spec:
              driver: process
              sources:
                - id: orders
                  type: kafka-source
                  config: {brokers: ["localhost:9092"], topic: orders}
              processors:
                - id: normalize
                  type: cel-processor
                  inputs: [orders]
                  config:
                    fields:
                      order_id: data.legacy_id
                      total: data.price * data.quantity
              sinks:
                - id: callback
                  type: http-sink
                  inputs:
                    - from: normalize
                      types: ["order.create.*"]
                  config: {url: "http://localhost:3000/callbacks/order-result"}
              errorHandling: {maxRetries: 5, backoff: exponential, deadLetterTopic: fiso-dlq-orders}
            """;

    static final String FLOW = """
            apiVersion: fiso.io/v1alpha1
            kind: FlowDefinition
            metadata:
              name: order-events
            spec:
              source:
                type: kafka
                config:
                  brokers:
                    - kafka.infra.svc:9092
                  topic: orders
                  consumerGroup: fiso-order-flow
                  startOffset: latest
              transform:
                fields:
                  id: "data.legacy_id"
                  timestamp: "time"
                  enriched: '"true"'
              sink:
                type: http
                config:
                  url: http://order-service.default.svc:8080/callbacks/order-result
                  method: POST
                  headers:
                    Content-Type: application/cloudevents+json
              errorHandling:
                deadLetterTopic: fiso-dlq-order-events
                maxRetries: 5
                backoff: exponential
            """;

    static final String BARE_FLOW = """
            name: order-events
            source:
              type: kafka
              config:
                brokers: "localhost:9092, localhost:9093"
                topic: orders
            sink:
              type: http
              config: {url: "http://localhost:3000/"}
            """;

    static Compilation compile(String text) {
        return compile(text, Map.of());
    }

    static Compilation compile(String text, Map<String, String> environment) {
        return PipelineCompiler.compile(
                SourceText.of("orders.yaml", text),
                CATALOG,
                Environment.of(environment),
                PipelineCompiler.Options.DEFAULT);
    }
}
