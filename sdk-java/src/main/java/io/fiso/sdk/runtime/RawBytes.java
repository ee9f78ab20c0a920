// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Hands gRPC messages through as bytes. What arrives is copied once, out of the transport's buffers, so that events can be kept as slices of
 * it for as long as they are unsettled.
 */
final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
    static final RawBytes MARSHALLER = new RawBytes();

    private RawBytes() {}

    @Override
    public InputStream stream(byte[] value) {
        return new Outgoing(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            byte[] bytes = new byte[stream instanceof KnownLength ? stream.available() : 0];
            if (bytes.length == 0) {
                return stream.readAllBytes();
            }
            int read = stream.readNBytes(bytes, 0, bytes.length);
            if (read != bytes.length) {
                throw Status.INTERNAL
                        .withDescription("message cut off at byte " + read)
                        .asRuntimeException();
            }
            return bytes;
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("cannot read a message")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static final class Outgoing extends ByteArrayInputStream implements KnownLength, Drainable {
        Outgoing(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int left = count - pos;
            target.write(buf, pos, left);
            pos = count;
            return left;
        }
    }
}
