// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import tools.jackson.databind.json.JsonMapper;

/** What {@code -o} takes. */
public enum Format {
    /** For people. */
    text,
    /** The envelope as JSON. */
    json,
    /** The envelope as YAML. */
    yaml;

    /** Loaded only by who needs it: Jackson costs a start more than all of the command line. */
    private static final class Json {
        static final JsonMapper MAPPER = JsonMapper.builder().build();
    }

    /** As this format shows it; JSON indented. */
    public String render(@Nullable Object data) {
        return switch (this) {
            case json -> Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(data);
            case yaml ->
                new Dump(DumpSettings.builder()
                                .setDefaultFlowStyle(FlowStyle.BLOCK)
                                .setWidth(140)
                                .build())
                        .dumpToString(data)
                        .stripTrailing();
            case text -> String.valueOf(data);
        };
    }

    /** JSON on one line. */
    public static String compact(@Nullable Object data) {
        return Json.MAPPER.writeValueAsString(data);
    }

    /** JSON text as maps, lists and scalars. */
    public static @Nullable Object parse(String json) {
        return Json.MAPPER.readValue(json, Object.class);
    }

    /** A map in the order written: {@code map("a", 1, "b", 2)}. */
    public static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return map;
    }

    /** A mutable copy, for lists that grow. */
    public static <T> List<T> list(Iterable<? extends T> items) {
        List<T> list = new ArrayList<>();
        items.forEach(list::add);
        return list;
    }
}
