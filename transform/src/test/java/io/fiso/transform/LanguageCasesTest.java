// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.CelByteString;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The cases of {@code language/cases.txt}, each in both engines. Where Fiso differs from the language, the case says so, and by which of the differences
 * that {@code docs/transforms.md} names; one that is not listed fails, and so does one that is none any more.
 */
class LanguageCasesTest {
    private static final int FEWEST = 400;
    private static final Pattern SHAPE = Pattern.compile("(.*?) +=> +(.*?)(?: +~ +(.*?) +# (.+))?");
    private static final String ERROR = "!";

    private record Case(
            String expression,
            String byDefinition,
            @Nullable String here,
            @Nullable String difference) {
        String expected() {
            return here == null ? byDefinition : here;
        }
    }

    @Test
    void bothEnginesSayWhatTheLanguageSays() throws Exception {
        var cases = cases();
        assertThat(cases).hasSizeGreaterThan(FEWEST);
        var wrong = new ArrayList<String>();
        for (var each : cases) {
            for (boolean compiled : List.of(true, false)) {
                var found = evaluate(each.expression(), compiled);
                if (!found.equals(each.expected())) {
                    wrong.add((compiled ? "compiled:    " : "interpreted: ") + each.expression() + " is " + found
                            + ", and not " + each.expected());
                }
            }
            if (each.byDefinition().equals(each.here())) {
                wrong.add(each.expression() + " differs no more");
            }
        }
        assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    }

    @Test
    void everyDifferenceIsInTheDocumentation() throws Exception {
        var documentation = Files.readString(Path.of("..", "docs", "transforms.md"), UTF_8);
        var names = new TreeSet<String>();
        for (var each : cases()) {
            if (each.difference() != null) {
                names.add(each.difference());
            }
        }
        assertThat(names)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(documentation).contains("- *" + name + "*: "));
    }

    private static List<Case> cases() throws IOException {
        var cases = new ArrayList<Case>();
        for (var line : Files.readAllLines(Path.of("src/test/resources/language/cases.txt"), UTF_8)) {
            if (!line.isBlank() && !line.startsWith("#") && !line.startsWith("// ")) {
                var shape = SHAPE.matcher(line);
                assertThat(shape.matches()).as(line).isTrue();
                cases.add(new Case(shape.group(1), shape.group(2), shape.group(3), shape.group(4)));
            }
        }
        return cases;
    }

    private static String evaluate(String expression, boolean compiled) {
        try {
            var builder = ExpressionSet.builder(Limits.DEFAULT);
            var handle = (compiled ? builder : builder.interpretedOnly()).object("", expression, ExpressionKind.VALUE);
            try (var evaluated = builder.build().over(TransformTest.event("{}"))) {
                return text(evaluated.value(handle));
            }
        } catch (InvalidExpressionException | TransformException _) {
            return ERROR;
        }
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String text -> "'" + text.replace("\n", "\\x0a").replace("\t", "\\x09") + "'";
            case UnsignedLong number -> number + "u";
            case CelByteString bytes -> "b'" + HexFormat.of().formatHex(bytes.toByteArray()) + "'";
            case Instant time -> "timestamp(" + time + ")";
            case Duration duration ->
                "duration("
                        + BigDecimal.valueOf(duration.getSeconds())
                                .add(BigDecimal.valueOf(duration.getNano(), 9))
                                .stripTrailingZeros()
                                .toPlainString()
                        + "s)";
            case TypeType type -> "type(" + type.containingTypeName() + ")";
            case CelType type -> "type(" + type.name() + ")";
            case List<?> elements ->
                elements.stream().map(LanguageCasesTest::text).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> members ->
                members.entrySet().stream()
                        .map(member -> text(member.getKey()) + ": " + text(member.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case dev.cel.common.values.NullValue _ -> "null";
            default -> value.toString();
        };
    }
}
