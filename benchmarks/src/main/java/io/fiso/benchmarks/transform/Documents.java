// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/** The payloads. Nothing in them is random: every run has the same bytes. */
final class Documents {
    /** An order as they come, 300 bytes. */
    static final String ORDER = """
            {"legacy_id":"ORD-0000012345","order_status":"CONFIRMED","price":19.99,"quantity":3,"currency":"EUR",\
            "customer":{"id":"c-4711","name":"Ada Lovelace","email":"ada@example.com","tier":"premium"},\
            "shipping":{"method":"express","address":{"city":"London","zip":"N1 9GU"}},\
            "note":"leave at the door, ring twice"}""";

    /** 1 KB, six levels. */
    static final String NESTED = """
            {"envelope":{"version":2,"trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736","span":"00f067aa0ba902b7","sampled":true}},\
            "order":{"id":"ORD-0000012345","placed":{"at":"2026-01-02T03:04:05Z","channel":{"kind":"web","locale":"en-GB"}},\
            "customer":{"id":"c-4711","profile":{"name":{"given":"Ada","family":"Lovelace"},"contact":{"email":"ada@example.com",\
            "phone":"+44 20 7946 0000"}},"loyalty":{"tier":"premium","points":12840,"since":"2019-05-01"}},\
            "delivery":{"method":"express","address":{"lines":["12 Analytical Way","Flat 3"],"city":"London","zip":"N1 9GU",\
            "geo":{"latitude":51.5333,"longitude":-0.1167}},"window":{"from":"09:00","to":"11:30"}},\
            "payment":{"amounts":{"net":{"value":49.98,"currency":"EUR"},"tax":{"value":9.99,"currency":"EUR"}},\
            "card":{"brand":"visa","last4":"4242","expires":{"month":11,"year":2028}},"captured":false}},\
            "audit":{"created":{"by":"shop-frontend","host":"web-17.example.com"},"changed":{"by":"fraud-check","host":"worker-3.example.com",\
            "reason":"score below threshold"}},"note":"leave at the door, ring twice"}""";

    /** 10 KB, 200 members at the top: text, integers, decimals, flags. */
    static final String WIDE = wide();

    /** An order with 20 items. */
    static final String ITEMS = items();

    private Documents() {}

    private static String wide() {
        StringJoiner members = new StringJoiner(",", "{", "}");
        for (int i = 0; i < 200; i++) {
            String name = String.format(Locale.ROOT, "\"field_%03d\":", i);
            members.add(name
                    + switch (i % 8) {
                        case 0 -> 1_000_000 + i * 37;
                        case 1 -> (i * 11) + "." + (10 + i % 90);
                        case 2 -> i % 3 == 0;
                        default -> "\"value " + i + " of a member that nobody asked for, " + (i * 7919) + "\"";
                    });
        }
        return members.toString();
    }

    private static String items() {
        StringJoiner items = new StringJoiner(",", "[", "]");
        IntStream.range(0, 20)
                .forEach(i -> items.add(String.format(
                        Locale.ROOT,
                        "{\"sku\":\"SKU-%05d\",\"name\":\"Article number %d\",\"price\":%d.%d5,\"quantity\":%d,\"gift\":%b}",
                        1000 + i * 7,
                        i,
                        3 + i * 5 % 40,
                        i % 9 + 1,
                        1 + i % 5,
                        i % 6 == 5)));
        return "{\"legacy_id\":\"ORD-0000012345\",\"currency\":\"EUR\",\"items\":" + items + "}";
    }
}
