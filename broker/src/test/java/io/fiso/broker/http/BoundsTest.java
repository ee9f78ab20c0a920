// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.server.ServedBroker;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BoundsTest {
    @TempDir
    Path directory;

    @Test
    void aRequestThatDoesNotArriveLosesItsConnectionAndHoldsNothing() throws Exception {
        try (ServedBroker broker = ServedBroker.narrow(directory, Duration.ofMillis(300));
                Socket stranger = begin(broker, "");
                Socket owner = new Socket("127.0.0.1", broker.server.httpPort())) {
            // Who has no token is answered when he has sent what he announced; who never does must not be waited for.
            awaitEnd(stranger);
            owner.getOutputStream().write(head(broker, "Authorization: Bearer " + ServedBroker.OWNER + "\r\n"));
            awaitEnd(owner);

            // There is one place, which is free again.
            assertThat(awaitServed(broker)).isEqualTo(200);
        }
    }

    /** The place is given back by the thread that was interrupted, soon after the connection has ended. */
    private static int awaitServed(ServedBroker broker) throws Exception {
        int status = 503;
        while (status == 503) {
            status = broker.get("/v1/resources").statusCode();
        }
        return status;
    }

    @Test
    void bodiesTogetherHaveNoMoreThanTheirBound() {
        Bodies bodies = new Bodies(100);
        Bodies.Room first = bodies.take(60);
        assertThatThrownBy(() -> bodies.take(41))
                .isInstanceOfSatisfying(
                        HttpProblem.class, e -> assertThat(e.httpStatus()).isEqualTo(503));

        first.shrink(10);
        try (Bodies.Room second = bodies.take(90)) {
            assertThatThrownBy(() -> bodies.take(1)).isInstanceOf(HttpProblem.class);
        }
        first.close();
        first.close();
        bodies.take(100).close();
    }

    private static Socket begin(ServedBroker broker, String header) throws IOException {
        Socket socket = new Socket("127.0.0.1", broker.server.httpPort());
        socket.getOutputStream().write(head(broker, header));
        return socket;
    }

    private static byte[] head(ServedBroker broker, String header) {
        return ("POST /v1/resources HTTP/1.1\r\nHost: localhost:" + broker.server.httpPort() + "\r\n" + header
                        + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
                .getBytes(US_ASCII);
    }

    /** Reads until the other side closes, in whichever way. */
    private static void awaitEnd(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        try {
            while (socket.getInputStream().read() >= 0) {
                // An answer may come before.
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection is still there", e);
        } catch (IOException _) {
            // Reset: it is closed.
        }
    }
}
