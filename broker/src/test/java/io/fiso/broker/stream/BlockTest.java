// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Entry;
import io.fiso.proto.broker.stored.v1.StoredBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final LogEnd.Sums SUMS = new LogEnd.Sums(3, 400, 77, 88);

    private final List<NewRecord> records = List.of(
            new NewRecord(
                    Optional.of(ByteString.copyFromUtf8("k")),
                    List.of(
                            new Header("b", ByteString.copyFromUtf8("1")),
                            new Header("a", ByteString.EMPTY),
                            new Header("b", ByteString.copyFromUtf8("2"))),
                    OptionalLong.of(5),
                    ByteString.copyFromUtf8("one")),
            new NewRecord(Optional.of(ByteString.EMPTY), List.of(), OptionalLong.of(0), ByteString.EMPTY),
            NewRecord.of(ByteString.copyFrom(new byte[70_000])));

    private final byte[] stored = Block.encode(
            records.stream().map(record -> RecordCodec.encode(record, 9)).toList(), SUMS);

    @Test
    void givesBackWhatWasPutIn() {
        Block block = parse(stored);

        List<KeptRecord> kept = new ArrayList<>();
        block.visit(0, kept::add);

        assertThat(block.end()).isEqualTo(SUMS);
        assertThat(block.endOffset()).isEqualTo(103);
        assertThat(kept).extracting(KeptRecord::offset).containsExactly(100L, 101L, 102L);
        assertThat(kept).extracting(KeptRecord::timestampMillis).containsExactly(5L, 0L, 9L);
        for (int i = 0; i < kept.size(); i++) {
            assertThat(kept.get(i).key()).isEqualTo(records.get(i).key());
            assertThat(kept.get(i).headers()).isEqualTo(records.get(i).headers());
            assertThat(kept.get(i).payload()).isEqualTo(records.get(i).payload());
        }
    }

    @Test
    void beginsAndEndsWhereItIsTold() {
        List<Long> seen = new ArrayList<>();
        parse(stored).visit(101, record -> {
            seen.add(record.offset());
            return false;
        });
        assertThat(seen).containsExactly(101L);
    }

    @Test
    void isTheMessageThatItsContractSays() throws InvalidProtocolBufferException {
        StoredBlock block = StoredBlock.parseFrom(stored);
        assertThat(block.getRecords()).isEqualTo(3).isEqualTo(block.getRecordCount());
        assertThat(block.getRecord(0).getPayload().toStringUtf8()).isEqualTo("one");
    }

    @Test
    void everyBitThatFlipsIsNoticed() {
        for (int bit = 0; bit < 8 * 200; bit++) {
            byte[] damaged = stored.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Refusals.assertRefused(Kind.INTERNAL, "broker.store_damaged", () -> parse(damaged))
                    .as("bit " + bit)
                    .hasMessageContaining("offset 100 in table t");
        }
    }

    private static Block parse(byte[] stored) {
        return Block.parse("t", new Entry(Tables.offsetKey(100), stored));
    }
}
