// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A network between two processes that can lose the connections it carries without telling either end: they stay open, and nothing
 * comes through any more, as when a router forgets them.
 */
final class TcpProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Connection> connections = new ArrayList<>();

    private TcpProxy(ServerSocket server, InetSocketAddress target) {
        this.server = server;
        this.target = target;
        Thread.ofVirtual().name("proxy-accept").start(this::accept);
    }

    /** Listens on one loopback address, and carries to the same port of 127.0.0.1, where nobody needs to listen yet. */
    static TcpProxy on(String address, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByName(address), port), 64);
        return new TcpProxy(server, new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
    }

    private void accept() {
        try {
            while (true) {
                Socket from = server.accept();
                Thread.ofVirtual().name("proxy-connect").start(() -> carry(from));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void carry(Socket from) {
        try {
            Socket to = new Socket();
            Connection connection = new Connection(from, to);
            synchronized (connections) {
                connections.add(connection);
            }
            from.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            to.connect(target, 1_000);
            Thread.ofVirtual().name("proxy-up").start(() -> connection.pump(from, to));
            connection.pump(to, from);
        } catch (IOException _) {
            close(from);
        }
    }

    /** How many connections it carries. */
    int open() {
        synchronized (connections) {
            return (int) connections.stream().filter(Connection::carries).count();
        }
    }

    /** From now on nothing of the connections there are comes through, in either direction; new ones are carried. Says how many it lost. */
    int loseAll() {
        synchronized (connections) {
            int lost = open();
            connections.forEach(connection -> connection.lost = true);
            return lost;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        synchronized (connections) {
            connections.forEach(Connection::end);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is not wanted any more.
        }
    }

    private static final class Connection {
        private final Socket from;
        private final Socket to;
        private volatile boolean lost;

        Connection(Socket from, Socket to) {
            this.from = from;
            this.to = to;
        }

        boolean carries() {
            return !lost && !from.isClosed();
        }

        /** Carries one direction; what comes after the loss is read and forgotten, an end too. */
        void pump(Socket in, Socket out) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream input = in.getInputStream();
                OutputStream output = out.getOutputStream();
                for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
                    if (!lost) {
                        output.write(buffer, 0, n);
                    }
                }
            } catch (IOException _) {
                // One end is gone; the other is told below, unless the connection is lost.
            }
            if (!lost) {
                end();
            }
        }

        void end() {
            close(from);
            close(to);
        }
    }
}
