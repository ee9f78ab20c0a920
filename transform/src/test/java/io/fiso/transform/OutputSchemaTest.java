// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OutputSchemaTest {
    private final OutputSchema schema = OutputSchema.compile(
            "{\"type\": \"object\", \"required\": [\"order_id\"], \"properties\": {\"total\": {\"type\": \"number\", \"minimum\": 0}}}");

    @Test
    void acceptsWhatSatisfiesIt() {
        assertThatCode(() -> schema.check("{\"order_id\": \"a\", \"total\": 1.5}".getBytes(UTF_8)))
                .doesNotThrowAnyException();
    }

    @Test
    void namesWhatDoesNot() {
        assertThatExceptionOfType(TransformException.class)
                .isThrownBy(() -> schema.check("{\"order_id\": \"a\", \"total\": -1}".getBytes(UTF_8)))
                .withMessageContaining("at \"/total\" minimum")
                .matches(e -> e.code().equals("TRANSFORM_VALIDATION_FAILED"));
    }

    @Test
    void refusesWhatIsNoSchema() {
        assertThatThrownBy(() -> OutputSchema.compile("{\"type\": ")).isInstanceOf(IllegalArgumentException.class);
    }
}
