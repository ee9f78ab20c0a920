// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds out why no broker answers, so that the error can say it: the client itself only reports a timeout. */
public final class BrokerDiagnosis {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private BrokerDiagnosis() {}

    /** One clause per broker: what happens when one connects to it. */
    public static String explain(List<String> brokers) {
        List<String> findings = new ArrayList<>();
        for (String broker : brokers) {
            findings.add("\"" + broker + "\": " + probe(broker));
        }
        return String.join("; ", findings);
    }

    private static String probe(String broker) {
        int colon = broker.lastIndexOf(':');
        if (colon <= 0) {
            return "not host:port";
        }
        String host = broker.substring(0, colon).replace("[", "").replace("]", "");
        try (Socket socket = new Socket()) {
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(broker.substring(colon + 1)));
            if (address.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            socket.connect(address, (int) CONNECT_TIMEOUT.toMillis());
            return "something listens there, but it does not answer as a Kafka broker with these settings: "
                    + "another kind of server, or a broker that wants other settings for tls or sasl";
        } catch (UnknownHostException _) {
            return "no such host; check the name";
        } catch (IllegalArgumentException _) {
            return "not host:port";
        } catch (IOException e) {
            return "cannot connect (" + e.getMessage() + "); is the broker running? \"fisoctl dev kafka\" starts one";
        }
    }
}
