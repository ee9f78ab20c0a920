// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/** Collects bytes up to a limit. */
final class BoundedOutput extends OutputStream {
    private final int limit;
    private byte[] bytes;
    private int size;

    BoundedOutput(int limit) {
        this.limit = limit;
        this.bytes = new byte[Math.min(limit, 512)];
    }

    @Override
    public void write(int b) {
        room(1);
        bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int from, int count) {
        Objects.checkFromIndexSize(from, count, source.length);
        room(count);
        System.arraycopy(source, from, bytes, size, count);
        size += count;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int count) {
        if (count > limit - size) {
            throw new LimitExceeded("the output is larger than " + limit + " bytes");
        }
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(bytes.length * 2, size + count)));
        }
    }
}
