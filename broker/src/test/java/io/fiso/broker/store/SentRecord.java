// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import com.google.protobuf.ByteString;
import io.fiso.broker.stream.NewRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A record that was appended, or may have been.
 *
 * @param payload text that no other has
 */
record SentRecord(String payload, long appendMillis) {

    /** Some for one partition at least, by partition. */
    static Map<Integer, List<SentRecord>> batch(int number, int partitions, long nowMillis, Random chance) {
        Map<Integer, List<SentRecord>> made = new TreeMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            if (partition == number % partitions || chance.nextInt(4) == 0) {
                List<SentRecord> sent = new ArrayList<>();
                for (int i = 1 + chance.nextInt(chance.nextInt(3) == 0 ? 80 : 3); i > 0; i--) {
                    // One that is large at most: each append fits into a value by itself, though not always together
                    // with others.
                    int padding = i == 1 && chance.nextInt(4) == 0 ? chance.nextInt(6_000) : chance.nextInt(60);
                    sent.add(new SentRecord(number + "." + i + "/" + "x".repeat(padding), nowMillis));
                }
                made.put(partition, sent);
            }
        }
        return made;
    }

    static List<NewRecord> toAppend(List<SentRecord> sent) {
        return sent.stream()
                .map(each -> NewRecord.of(ByteString.copyFromUtf8(each.payload())))
                .toList();
    }
}
