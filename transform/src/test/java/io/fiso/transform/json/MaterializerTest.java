// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cel.common.values.NullValue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MaterializerTest {
    private final Digits digits = new Digits();

    @Test
    void makesWhatCelCalculatesWith() {
        var json = "{\"b\": [true, false, null, \"x\\n\"], \"a\": {\"n\": 7, \"d\": 1.50}}".getBytes(UTF_8);

        var value = (Map<?, ?>) Materializer.valueAt(json, 0, digits);

        assertThat(value)
                .isEqualTo(
                        Map.of("b", List.of(true, false, NullValue.NULL_VALUE, "x\n"), "a", Map.of("n", 7L, "d", 1.5)));
        assertThat(value.keySet().toString()).isEqualTo("[b, a]");
        var decimal = ((Map<?, ?>) value.get("a")).get("d");
        assertThat(digits.of(decimal)).isEqualTo("1.50");
        assertThat(digits.of(Double.valueOf(1.5))).isNull();
    }

    @Test
    void knowsWhereTreesCameFrom() {
        var json = "[ {\"a\":[]} , [ 1 ] ]".getBytes(UTF_8);

        var value = (List<?>) Materializer.valueAt(json, 0, digits);

        assertThat(value).isInstanceOfSatisfying(Materializer.Source.class, all -> {
            assertThat(all.start()).isZero();
            assertThat(all.end()).isEqualTo(json.length);
            assertThat(all.treeBits()).isEqualTo(Registers.treeBits(3, true));
        });
        assertThat(value.getFirst()).isInstanceOfSatisfying(Materializer.Source.class, first -> {
            assertThat(first.json()).isSameAs(json);
            assertThat(first.start()).isEqualTo(2);
            assertThat(first.end()).isEqualTo(10);
            assertThat(first.treeBits()).isEqualTo(Registers.treeBits(2, false));
        });
        assertThat(value.getLast())
                .isInstanceOfSatisfying(
                        Materializer.Source.class,
                        last -> assertThat(last.treeBits()).isEqualTo(Registers.treeBits(1, true)));
    }

    @Test
    void takesWhatWasCalculatedToo() {
        var r = new Registers(4);
        r.kind[0] = Kind.DOUBLE;
        r.bits[0] = Double.doubleToRawLongBits(2.5);
        r.scratch = "..é".getBytes(UTF_8);
        r.kind[1] = Kind.TEXT;
        r.start[1] = 2;
        r.end[1] = 4;
        r.kind[2] = Kind.REFERENCE;
        r.ref[2] = List.of("x");

        assertThat(Materializer.value(r, 0, digits)).isEqualTo(2.5);
        assertThat(Materializer.value(r, 1, digits)).isEqualTo("é");
        assertThat(Materializer.value(r, 2, digits)).isSameAs(r.ref[2]);
        assertThatIllegalArgumentException().isThrownBy(() -> Materializer.value(r, 3, digits));
    }
}
