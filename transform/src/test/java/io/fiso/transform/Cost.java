// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.LinkedHashMap;
import java.util.Map;

/** Prints what a transform costs: start-up and nanoseconds per event. Run by hand; {@code benchmarks/} has the careful ones. */
final class Cost {
    private Cost() {}

    private static final String ORDER = """
            {"legacy_id": "ORD-0000012345", "order_status": "CONFIRMED", "price": 10.5, "quantity": 3, "n": 12345, "customer": {"id": "c-77", "name":
             "Ada Lovelace", "email": "ada@example.com", "tier": "gold"}, "shipping": {"street": "12 Analytical Way", "city": "London", "zip": "N1 9GU"},
             "notes": "leave at the door, ring twice please"}""";

    public static void main(String[] args) throws Exception {
        long begin = System.nanoTime();
        var simple = new LinkedHashMap<String, String>();
        simple.put("order_id", "data.legacy_id");
        simple.put("timestamp", "time");
        simple.put("status", "data.order_status");
        measure("simple", simple, begin);
        begin = System.nanoTime();
        var arithmetic = new LinkedHashMap<String, String>();
        arithmetic.put("order_id", "data.legacy_id");
        arithmetic.put("total", "data.price * data.quantity");
        arithmetic.put("size", "data.quantity > 2 ? 'large' : 'small'");
        arithmetic.put("status", "data.order_status");
        measure("arithmetic", arithmetic, begin);
    }

    private static void measure(String name, Map<String, String> fields, long begin) throws Exception {
        var transform = Transform.compile(fields, Limits.DEFAULT);
        var event = TransformTest.event(ORDER);
        var out = new String(transform.apply(event), java.nio.charset.StandardCharsets.UTF_8);
        System.out.println(name + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms to the first " + out);
        for (int round = 0; round < 6; round++) {
            long start = System.nanoTime();
            int events = 400_000;
            long bytes = 0;
            for (int i = 0; i < events; i++) {
                bytes += transform.apply(event).length;
            }
            System.out.println(
                    name + ": " + (System.nanoTime() - start) / events + " ns/event (" + bytes / events + " B)");
        }
    }
}
