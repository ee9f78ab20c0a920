// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import io.fiso.transform.EventView;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The floor: a tree in, a tree out, and plain Java in between. {@code required} throws where an expression would fail for want of a member.
 *
 * @param code what is done with one event
 */
record ByHand(Code code) implements Mapping {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Fills {@code out} from {@code data}. */
    @FunctionalInterface
    interface Code {
        void map(JsonNode data, EventView event, ObjectNode out);
    }

    @Override
    public byte[] apply(EventView event) {
        ObjectNode out = NODES.objectNode();
        code.map(PeerJson.MAPPER.readTree(event.dataArray()), event, out);
        return PeerJson.MAPPER.writeValueAsBytes(out);
    }

    static void simple(JsonNode data, EventView event, ObjectNode out) {
        out.set("id", data.required("legacy_id"));
        out.put("timestamp", event.time());
        out.set("status", data.required("order_status"));
    }

    static void arithmetic(JsonNode data, EventView event, ObjectNode out) {
        out.set("id", data.required("legacy_id"));
        out.put("total", total(data));
        out.put("size", data.required("quantity").longValue() > 2 ? "large" : "small");
        out.set("status", data.required("order_status"));
    }

    static void nested(JsonNode data, EventView event, ObjectNode out) {
        JsonNode customer = data.required("customer");
        JsonNode shipping = data.required("shipping");
        JsonNode address = shipping.required("address");
        out.set("id", data.required("legacy_id"));
        ObjectNode person = out.putObject("customer");
        person.set("id", customer.required("id"));
        person.set("name", customer.required("name"));
        person.putObject("contact").set("email", customer.required("email"));
        ObjectNode delivery = out.putObject("delivery");
        delivery.set("method", shipping.required("method"));
        delivery.set("city", address.required("city"));
        delivery.set("zip", address.required("zip"));
    }

    static void twelveFields(JsonNode data, EventView event, ObjectNode out) {
        JsonNode customer = data.required("customer");
        JsonNode shipping = data.required("shipping");
        out.set("id", data.required("legacy_id"));
        out.put("timestamp", event.time());
        out.put("origin", event.source());
        out.set("status", data.required("order_status"));
        out.set("currency", data.required("currency"));
        out.set("unit_price", data.required("price"));
        out.set("quantity", data.required("quantity"));
        out.put("total", total(data));
        out.set("customer_id", customer.required("id"));
        out.put("premium", customer.required("tier").stringValue().equals("premium"));
        out.set("city", shipping.required("address").required("city"));
        out.put("express", shipping.required("method").stringValue().equals("express") ? "yes" : "no");
    }

    static void nested1K(JsonNode data, EventView event, ObjectNode out) {
        JsonNode order = data.required("order");
        JsonNode customer = order.required("customer");
        JsonNode profile = customer.required("profile");
        JsonNode name = profile.required("name");
        JsonNode from = order.required("delivery").required("address");
        JsonNode payment = order.required("payment");
        JsonNode amounts = payment.required("amounts");
        out.set("id", order.required("id"));
        out.set("trace", data.required("envelope").required("trace").required("id"));
        out.put("name", text(name, "given") + " " + text(name, "family"));
        out.set("contact", profile.required("contact"));
        out.put("points", customer.required("loyalty").required("points").longValue() + 100);
        ObjectNode address = out.putObject("address");
        address.set("city", from.required("city"));
        address.set("geo", from.required("geo"));
        out.put(
                "gross",
                amounts.required("net").required("value").doubleValue()
                        + amounts.required("tax").required("value").doubleValue());
        out.set("expires", payment.required("card").required("expires").required("year"));
    }

    static void wide10K(JsonNode data, EventView event, ObjectNode out) {
        out.set("text", data.required("field_021"));
        out.put("twice", data.required("field_104").longValue() * 2);
        out.set("flag", data.required("field_186"));
    }

    static void lists(JsonNode data, EventView event, ObjectNode out) {
        out.set("id", data.required("legacy_id"));
        ArrayNode skus = out.putArray("skus");
        ArrayNode amounts = out.putArray("amounts");
        ArrayNode dear = out.putArray("dear");
        ArrayNode bulk = out.putArray("bulk");
        boolean gift = false;
        for (JsonNode item : data.required("items")) {
            double price = item.required("price").doubleValue();
            long quantity = item.required("quantity").longValue();
            JsonNode sku = item.required("sku");
            skus.add(sku);
            amounts.add(price * quantity);
            if (price > 30) {
                dear.add(item);
            }
            if (quantity > 3) {
                ObjectNode line = bulk.addObject();
                line.set("sku", sku);
                line.put("quantity", quantity);
            }
            gift |= item.required("gift").booleanValue();
        }
        out.put("gift", gift);
    }

    static void strings(JsonNode data, EventView event, ObjectNode out) {
        JsonNode customer = data.required("customer");
        String id = text(data, "legacy_id");
        out.put("label", id + " (" + text(data, "order_status").toLowerCase(Locale.ROOT) + ")");
        out.put("key", text(customer, "tier").toUpperCase(Locale.ROOT) + "-" + id.substring(4));
        out.put(
                "greeting",
                "Dear " + text(customer, "name") + ", your order " + id + " is on its way to "
                        + text(data.required("shipping").required("address"), "city") + ".");
        out.put(
                "amount",
                data.required("quantity").longValue() + " x "
                        + data.required("price").doubleValue() + " " + text(data, "currency"));
        out.put("note", text(data, "note").replace(", ", "; "));
        out.put("mail", text(customer, "email").endsWith("@example.com") ? "internal" : "external");
    }

    static void conditionals(JsonNode data, EventView event, ObjectNode out) {
        double total = total(data);
        String tier = text(data.required("customer"), "tier");
        String status = text(data, "order_status");
        JsonNode shipping = data.required("shipping");
        out.put("band", total > 1000 ? "gold" : total > 100 ? "silver" : total > 50 ? "bronze" : "none");
        JsonNode coupon = data.get("coupon");
        if (coupon != null) {
            out.set("discount", coupon.required("rate"));
        } else {
            out.put("discount", tier.equals("premium") ? 0.1 : 0.0);
        }
        out.put(
                "expedite",
                text(shipping, "method").equals("express") && (tier.equals("premium") || tier.equals("gold")));
        out.put(
                "review",
                data.required("quantity").longValue() > 10
                        || data.required("price").doubleValue() > 500
                        || !status.equals("CONFIRMED"));
        out.put(
                "zone",
                switch (text(data, "currency")) {
                    case "GBP" -> "uk";
                    case "EUR" -> text(shipping.required("address"), "city").equals("London") ? "uk-euro" : "euro";
                    default -> "world";
                });
        out.put("open", !(status.equals("SHIPPED") || status.equals("CANCELLED")));
    }

    private static double total(JsonNode data) {
        return data.required("price").doubleValue() * data.required("quantity").longValue();
    }

    private static String text(JsonNode node, String member) {
        return node.required(member).stringValue();
    }
}
