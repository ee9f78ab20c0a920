// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.StoredLetter;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTest.Letter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Compares dead letters with those that should be there, in any order. */
final class LetterCheck {
    private LetterCheck() {}

    /** What differs; nothing if all is as expected. */
    static List<Finding> of(PipelineTest test, List<StoredLetter> found) {
        List<Letter> expected = test.letters();
        int[] pairs = Pairing.most(
                expected.size(),
                found.size(),
                (e, f) -> differences(expected.get(e), found.get(f)).isEmpty());
        List<StoredLetter> left = new ArrayList<>(found);
        for (int pair : pairs) {
            if (pair >= 0) {
                left.remove(found.get(pair));
            }
        }
        List<Finding> findings = new ArrayList<>();
        for (int e = 0; e < pairs.length; e++) {
            if (pairs[e] >= 0) {
                continue;
            }
            Letter letter = expected.get(e);
            String where = "dead letter " + (e + 1) + ": ";
            if (left.isEmpty()) {
                findings.add(new Finding(
                        letter.line(), where + "expected, and there is none" + (found.isEmpty() ? "" : " more")));
            } else {
                StoredLetter nearest = left.removeFirst();
                differences(letter, nearest).forEach(line -> findings.add(new Finding(letter.line(), where + line)));
            }
        }
        left.forEach(
                letter -> findings.add(new Finding(test.lettersLine(), "dead letter not expected: " + told(letter))));
        return findings;
    }

    private static String told(StoredLetter letter) {
        return "event " + letter.eventId() + " failed in \"" + letter.component() + "\" with " + letter.code() + ": "
                + letter.message();
    }

    private static List<String> differences(Letter expected, StoredLetter found) {
        List<String> lines = new ArrayList<>();
        text(lines, "code", expected.code(), found.code());
        text(lines, "component", expected.component(), found.component());
        text(lines, "source", expected.source(), found.source());
        text(lines, "id", expected.id(), found.eventId());
        expected.message()
                .filter(part -> !found.message().contains(part))
                .ifPresent(part ->
                        lines.add("expected a message with \"" + part + "\", found \"" + found.message() + "\""));
        if (expected.attempts().isPresent() && expected.attempts().getAsInt() != found.attempts()) {
            lines.add("expected " + PipelineFile.count(expected.attempts().getAsInt(), "attempt") + ", found "
                    + found.attempts());
        }
        expected.data()
                .ifPresent(
                        data -> JsonDifference.lacking(data, data(found)).forEach(line -> lines.add("data: " + line)));
        return lines;
    }

    private static void text(List<String> lines, String name, Optional<String> expected, String found) {
        expected.filter(text -> !text.equals(found))
                .ifPresent(text -> lines.add("expected " + name + " " + text + ", found " + found));
    }

    /** A stub's records are events in JSON format. */
    private static JsonNode data(StoredLetter letter) {
        try {
            return JsonDifference.parse(letter.original().getValue().toString(StandardCharsets.UTF_8))
                    .path("data");
        } catch (JacksonException _) {
            return MissingNode.getInstance();
        }
    }
}
