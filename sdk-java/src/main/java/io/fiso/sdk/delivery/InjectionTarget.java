// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.event.MalformedEventException;
import io.fiso.sdk.event.WireEvent;
import java.util.Set;

/**
 * The components that an injected event is meant for: its extension attribute {@code fisotarget}, ids separated by commas. Only records with the
 * flag {@link Records#INJECTED} are looked at. Every component that is not among them passes flag and attribute on to what it makes of
 * the event; one that is takes both away, so that nothing behind it is restricted.
 */
public final class InjectionTarget {
    /** The name of the extension attribute. */
    public static final String ATTRIBUTE = "fisotarget";

    private static final String SEPARATOR = ",";

    private InjectionTarget() {}

    /** The targets of an event; none if it names none. */
    static Set<String> of(byte[] buffer, int offset, int length) {
        return split(text(buffer, offset, length));
    }

    /** The ids in a target as it is written. */
    public static Set<String> split(String target) {
        return target.isEmpty() ? Set.of() : Set.of(target.split(SEPARATOR, -1));
    }

    private static String text(byte[] buffer, int offset, int length) {
        try {
            String found = WireEvent.of(buffer, offset, length).string(ATTRIBUTE);
            return found == null ? "" : found;
        } catch (MalformedEventException _) {
            return "";
        }
    }

    /** The record as the target sees it: an event like any other. */
    static void addPlain(Records from, int index, Records to) {
        WireEvent plain = WireEvent.of(from.buffers[index], from.offsets[index], from.lengths[index])
                .with(ATTRIBUTE, null);
        to.add(
                plain.array(),
                plain.offset(),
                plain.size(),
                from.keyBuffers[index],
                from.keyOffsets[index],
                from.keyLengths[index],
                from.flags[index] & ~Records.INJECTED);
    }

    /** Marks what was made of an injected event as meant for the same target. */
    static void inherit(byte[] buffer, int offset, int length, Records outputs) {
        String target = text(buffer, offset, length);
        for (int i = 0; i < outputs.size(); i++) {
            WireEvent output = WireEvent.of(outputs.buffers[i], outputs.offsets[i], outputs.lengths[i]);
            if (!target.equals(output.string(ATTRIBUTE))) {
                WireEvent marked = output.with(ATTRIBUTE, target);
                outputs.buffers[i] = marked.array();
                outputs.offsets[i] = marked.offset();
                outputs.lengths[i] = marked.size();
            }
            outputs.flags[i] |= Records.INJECTED;
        }
    }
}
