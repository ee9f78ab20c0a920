// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import jetbrains.exodus.core.dataStructures.Pair;
import jetbrains.exodus.io.Block;
import jetbrains.exodus.io.DataReader;
import jetbrains.exodus.io.DataReaderWriterProvider;
import jetbrains.exodus.io.DataWriter;
import jetbrains.exodus.io.RemoveBlockType;
import jetbrains.exodus.log.LogConfig;

/** The log as Xodus writes it by itself, in one file of a {@link Disk}: what {@link FrameLog} is compared with. */
final class BareLog implements DataReader, DataWriter {
    private final Disk disk;
    private final Disk.File file;
    private boolean open;

    BareLog(Disk disk) throws IOException {
        this.disk = disk;
        this.file = disk.open("bare");
        disk.syncNames();
    }

    LogConfig config() {
        DataReaderWriterProvider provider = new DataReaderWriterProvider() {
            @Override
            public Pair<DataReader, DataWriter> newReaderWriter(String location) {
                return new Pair<>(BareLog.this, BareLog.this);
            }
        };
        LogConfig config = new LogConfig() {
            @Override
            public DataReaderWriterProvider getReaderWriterProvider() {
                return provider;
            }

            @Override
            public boolean isSharedCache() {
                return false;
            }
        };
        return config.setLocation(getLocation()).setReaderWriter(this, this);
    }

    private interface Call<R> {
        R call() throws IOException;
    }

    private static <R> R io(Call<R> call) {
        try {
            return call.call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class OneBlock implements Block {
        @Override
        public long getAddress() {
            return 0;
        }

        @Override
        public long length() {
            return io(file::size);
        }

        @Override
        public int read(byte[] output, long position, int offset, int count) {
            int there = (int) Math.min(count, length() - position);
            return io(() -> {
                file.read(output, offset, there, position);
                return there;
            });
        }

        @Override
        public Block refresh() {
            return this;
        }
    }

    @Override
    public String getLocation() {
        return disk.location();
    }

    @Override
    public Iterable<Block> getBlocks() {
        return io(file::size) == 0 ? List.of() : List.of(new OneBlock());
    }

    @Override
    public Iterable<Block> getBlocks(long fromAddress) {
        return getBlocks();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public Block write(byte[] bytes, int offset, int length) {
        return io(() -> {
            file.write(bytes, offset, length, file.size());
            return new OneBlock();
        });
    }

    @Override
    public void sync() {
        io(() -> {
            file.sync();
            return "";
        });
    }

    @Override
    public void syncDirectory() {
        // Done when it was made.
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public void clear() {
        truncateBlock(0, 0);
    }

    @Override
    public Block openOrCreateBlock(long address, long length) {
        open = true;
        return new OneBlock();
    }

    @Override
    public void removeBlock(long address, RemoveBlockType how) {
        truncateBlock(address, 0);
    }

    @Override
    public void truncateBlock(long address, long length) {
        io(() -> {
            file.truncate(length);
            return "";
        });
    }

    @Override
    public boolean lock(long timeout) {
        return true;
    }

    @Override
    public boolean release() {
        return true;
    }

    @Override
    public String lockInfo() {
        return "";
    }
}
