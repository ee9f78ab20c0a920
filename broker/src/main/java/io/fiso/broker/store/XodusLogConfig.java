// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import jetbrains.exodus.core.dataStructures.Pair;
import jetbrains.exodus.io.DataReader;
import jetbrains.exodus.io.DataReaderWriterProvider;
import jetbrains.exodus.io.DataWriter;
import jetbrains.exodus.log.LogConfig;

/** Has Xodus use a {@link FrameLog}, without looking for a provider on the class path each time a store is opened. */
final class XodusLogConfig extends LogConfig {
    private final DataReaderWriterProvider provider;

    XodusLogConfig(FrameLog log) {
        DataReader reader = log.reader();
        DataWriter writer = log.writer();
        setLocation(reader.getLocation());
        setReaderWriter(reader, writer);
        provider = new Provider(reader, writer);
    }

    private static final class Provider extends DataReaderWriterProvider {
        private final DataReader reader;
        private final DataWriter writer;

        Provider(DataReader reader, DataWriter writer) {
            this.reader = reader;
            this.writer = writer;
        }

        @Override
        public Pair<DataReader, DataWriter> newReaderWriter(String location) {
            return new Pair<>(reader, writer);
        }
    }

    @Override
    public DataReaderWriterProvider getReaderWriterProvider() {
        return provider;
    }

    /** Each store has its own cache, so that one does not decide the size of another's pages. */
    @Override
    public boolean isSharedCache() {
        return false;
    }
}
