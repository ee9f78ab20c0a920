// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentEnvironment;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The suites against the smallest components that keep them. */
class ContractSuitesTest {
    private static CloudEvent event(String id) {
        return WireEvent.builder().id(id).source("s").type("t").build();
    }

    @Nested
    class AProcessor implements ProcessorContract {
        @Override
        public EventProcessor processor() {
            return (event, out) -> {
                if ("bad".equals(event.getId())) {
                    throw new IllegalArgumentException("bad");
                }
                out.emit(event(event.getId() + "/0"));
            };
        }

        @Override
        public String config() {
            return "{}";
        }

        @Override
        public List<CloudEvent> inputs() {
            return List.of(event("1"), event("2"));
        }

        @Override
        public List<CloudEvent> refused() {
            return List.of(event("bad"));
        }
    }

    @Nested
    class ASource implements SourceContract {
        @Override
        public EventSource source() {
            return new FixedSource(List.of(event("1"), event("2"), event("3")));
        }

        @Override
        public String config(Path directory) {
            return "{}";
        }

        @Override
        public int expectedEvents() {
            return 3;
        }
    }

    @Nested
    class ASink implements SinkContract {
        record Config(String file) {}

        @Override
        public ComponentRuntime sink(ComponentEnvironment environment) {
            return ComponentRuntime.of(
                    new EventSink() {
                        private Path file = Path.of("unset");

                        @Override
                        public void open(ComponentContext context) {
                            file = Path.of(context.config(Config.class).file());
                        }

                        @Override
                        public void deliver(CloudEvent event) throws Exception {
                            Files.writeString(
                                    file, event.getId() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                        }
                    },
                    environment);
        }

        @Override
        public String config(Path directory) {
            return "{\"file\": \"" + directory.resolve("out.txt") + "\"}";
        }

        @Override
        public List<String> delivered(Path directory) throws Exception {
            return Files.readAllLines(directory.resolve("out.txt"));
        }
    }
}
