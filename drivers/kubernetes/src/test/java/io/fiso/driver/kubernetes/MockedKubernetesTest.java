// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fiso.driver.Instance;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against Fabric8's mock of the API server, which stores objects and sends watch events, and does little else. */
class MockedKubernetesTest extends KubernetesDriverContract {
    /** Else each request is two lines of the build's output. */
    private static final Logger REQUESTS = Logger.getLogger("io.fabric8.mockwebserver.MockWebServer");

    private static KubernetesMockServer server;

    @BeforeAll
    static void startServer() {
        REQUESTS.setLevel(Level.WARNING);
        Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
        server = new KubernetesMockServer(
                new Context(), new MockWebServer(), responses, new KubernetesMixedDispatcher(responses), false);
        server.init();
    }

    @AfterAll
    static void stopServer() {
        server.destroy();
    }

    @Override
    KubernetesClient connect() {
        return server.createClient();
    }

    @Test
    void readsTheLastLinesOfThePodsLog() throws Exception {
        driver.prepare(Pipelines.plain("p", "c", 2), options());
        Instance instance = driver.start(launch("p", "c", 0));
        Pod running = platform.pod("p", "c", 0);
        platform.kubelet(running, Statuses.running());
        String pod = running.getMetadata().getName();
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/" + namespace + "/pods/" + pod
                        + "/log?pretty=false&container=component&tailLines=2")
                .andReturn(200, "starting\nno such topic\n")
                .always();

        assertThat(instance.lastErrorLines(2)).containsExactly("starting", "no such topic");
    }
}
