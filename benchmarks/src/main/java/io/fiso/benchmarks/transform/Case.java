// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** A document and what becomes of it: as expressions, and as Java written by hand. The first four are those that the specification has figures for. */
public enum Case {
    SIMPLE("simple mapping", 500, Documents.ORDER, ByHand::simple, """
            id: data.legacy_id
            timestamp: time
            status: data.order_status
            """),

    ARITHMETIC("arithmetic and a conditional", 800, Documents.ORDER, ByHand::arithmetic, """
            id: data.legacy_id
            total: data.price * data.quantity
            size: data.quantity > 2 ? 'large' : 'small'
            status: data.order_status
            """),

    NESTED("nested structures", 1200, Documents.ORDER, ByHand::nested, """
            id: data.legacy_id
            customer: {'id': data.customer.id, 'name': data.customer.name, 'contact': {'email': data.customer.email}}
            delivery: {'method': data.shipping.method, 'city': data.shipping.address.city, 'zip': data.shipping.address.zip}
            """),

    TWELVE_FIELDS("twelve fields", 2000, Documents.ORDER, ByHand::twelveFields, """
            id: data.legacy_id
            timestamp: time
            origin: source
            status: data.order_status
            currency: data.currency
            unit_price: data.price
            quantity: data.quantity
            total: data.price * data.quantity
            customer_id: data.customer.id
            premium: data.customer.tier == 'premium'
            city: data.shipping.address.city
            express: data.shipping.method == 'express' ? 'yes' : 'no'
            """),

    NESTED_1K("nested, 1 KB", 0, Documents.NESTED, ByHand::nested1K, """
            id: data.order.id
            trace: data.envelope.trace.id
            name: data.order.customer.profile.name.given + ' ' + data.order.customer.profile.name.family
            contact: data.order.customer.profile.contact
            points: data.order.customer.loyalty.points + 100
            address: {'city': data.order.delivery.address.city, 'geo': data.order.delivery.address.geo}
            gross: data.order.payment.amounts.net.value + data.order.payment.amounts.tax.value
            expires: data.order.payment.card.expires.year
            """),

    WIDE_10K("10 KB, 3 of 200 fields", 0, Documents.WIDE, ByHand::wide10K, """
            text: data.field_021
            twice: data.field_104 * 2
            flag: data.field_186
            """),

    LISTS("list comprehensions, 20 items", 0, Documents.ITEMS, ByHand::lists, """
            id: data.legacy_id
            skus: data.items.map(i, i.sku)
            amounts: data.items.map(i, i.price * i.quantity)
            dear: data.items.filter(i, i.price > 30.0)
            bulk: data.items.filter(i, i.quantity > 3).map(i, {'sku': i.sku, 'quantity': i.quantity})
            gift: data.items.exists(i, i.gift)
            """),

    STRINGS("string building", 0, Documents.ORDER, ByHand::strings, """
            label: data.legacy_id + ' (' + data.order_status.lowerAscii() + ')'
            key: data.customer.tier.upperAscii() + '-' + data.legacy_id.substring(4)
            greeting: 'Dear ' + data.customer.name + ', your order ' + data.legacy_id + ' is on its way to ' + data.shipping.address.city + '.'
            amount: string(data.quantity) + ' x ' + string(data.price) + ' ' + data.currency
            note: data.note.replace(', ', '; ')
            mail: data.customer.email.endsWith('@example.com') ? 'internal' : 'external'
            """),

    CONDITIONALS("conditionals", 0, Documents.ORDER, ByHand::conditionals, """
            band: data.price * data.quantity > 1000 ? 'gold' : data.price * data.quantity > 100 ? 'silver' : data.price * data.quantity > 50 ? 'bronze' : 'none'
            discount: has(data.coupon) ? data.coupon.rate : data.customer.tier == 'premium' ? 0.1 : 0.0
            expedite: data.shipping.method == 'express' && data.customer.tier in ['premium', 'gold']
            review: data.quantity > 10 || data.price > 500 || data.order_status != 'CONFIRMED'
            zone: data.currency == 'GBP' ? 'uk' : data.currency == 'EUR' ? (data.shipping.address.city == 'London' ? 'uk-euro' : 'euro') : 'world'
            open: !(data.order_status in ['SHIPPED', 'CANCELLED'])
            """);

    private final String title;
    private final int specifiedNanos;
    private final byte[] document;
    private final ByHand.Code byHand;
    private final Map<String, String> fields;

    Case(String title, int specifiedNanos, String document, ByHand.Code byHand, String fields) {
        this.title = title;
        this.specifiedNanos = specifiedNanos;
        this.document = document.getBytes(StandardCharsets.UTF_8);
        this.byHand = byHand;
        Map<String, String> all = new LinkedHashMap<>();
        fields.lines().forEach(line -> {
            int colon = line.indexOf(": ");
            all.put(line.substring(0, colon), line.substring(colon + 2));
        });
        this.fields = Collections.unmodifiableMap(all);
    }

    /** For people. */
    String title() {
        return title;
    }

    /** The specification's figure in nanoseconds per event, which is to be halved; empty if it has none. */
    OptionalInt specifiedNanos() {
        return specifiedNanos == 0 ? OptionalInt.empty() : OptionalInt.of(specifiedNanos);
    }

    /** The payload, a new copy. */
    byte[] document() {
        return document.clone();
    }

    OrderEvent event() {
        return new OrderEvent(document());
    }

    /** The expressions, in the order of the output. */
    Map<String, String> fields() {
        return fields;
    }

    ByHand.Code byHand() {
        return byHand;
    }
}
