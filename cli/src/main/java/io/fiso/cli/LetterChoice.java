// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.StoredLetter;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import io.fiso.transform.Condition;
import io.fiso.transform.ExpressionProblem;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.TransformException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of a pipeline's dead letters are meant. */
final class LetterChoice {
    /** What a condition can ask about. */
    private static final List<String> VARIABLES = List.of(
            "code",
            "message",
            "component",
            "attempts",
            "failedAt",
            "key",
            "topic",
            "partition",
            "offset",
            "eventId",
            "correlationId",
            "headers",
            "data");

    @Option(
            names = "--where",
            paramLabel = "CEL",
            description = {
                "Only letters for which this is true, over code, message, component, attempts, failedAt, key, topic, partition, offset, eventId, correlationId, headers and data: "
                        + "code == '503' && data.total > 100.0"
            })
    @Nullable
    String where;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many: of list the newest, else the oldest")
    int limit = Integer.MAX_VALUE;

    private int unjudged;
    private String whyUnjudged = "";

    /** What to ask of each letter; those that an evaluation fails for are not meant. */
    Predicate<Letter> predicate(List<String> ids, boolean resolvedToo) {
        Condition condition = where == null ? null : compile(where);
        return letter -> (resolvedToo || !letter.state().resolved())
                && (ids.isEmpty() || ids.stream().anyMatch(letter.id()::startsWith))
                && (condition == null || test(condition, letter));
    }

    private boolean test(Condition condition, Letter letter) {
        try {
            return condition.test(variables(letter));
        } catch (TransformException e) {
            unjudged++;
            whyUnjudged = String.valueOf(e.getMessage());
            return false;
        }
    }

    /** How many letters the condition said nothing about. */
    int unjudged() {
        return unjudged;
    }

    /** For people; empty if the condition said something about every letter. */
    String remark() {
        return unjudged == 0
                ? ""
                : PipelineFile.count(unjudged, "letter") + " not taken, since --where says nothing about "
                        + (unjudged == 1 ? "it" : "them") + ": " + whyUnjudged;
    }

    /** Every id must mean exactly one letter. */
    static void requireEach(List<String> ids, List<Letter> letters) {
        for (String id : ids) {
            long found = letters.stream()
                    .filter(letter -> letter.id().startsWith(id))
                    .map(Letter::id)
                    .distinct()
                    .count();
            if (found != 1) {
                throw new CommandException(Failure.invalid(
                        found == 0 ? "dlq.unknown_letter" : "dlq.ambiguous_letter",
                        found == 0
                                ? "there is no open dead letter \"" + id + "\""
                                : found + " dead letters begin with \"" + id + "\"",
                        "\"fisoctl dlq list\" shows the letters there are, with --all those that are over too"));
            }
        }
    }

    private static Condition compile(String expression) {
        try {
            return Condition.compile(expression, VARIABLES);
        } catch (InvalidExpressionException e) {
            List<Problem> problems = new ArrayList<>();
            for (ExpressionProblem problem : e.problems()) {
                String line =
                        expression.lines().skip(problem.line() - 1L).findFirst().orElse("");
                problems.add(new Problem(
                        Problem.Severity.ERROR,
                        problem.code(),
                        Problem.Owner.USER,
                        new Problem.Place("--where", problem.line(), problem.column(), line),
                        problem.message(),
                        problem.suggestion()
                                .map(meant -> "did you mean " + meant + "?")
                                .orElse("")));
            }
            throw new CommandException(
                    Failure.ofProblems("dlq.bad_condition", "the condition of --where cannot be understood", problems),
                    e);
        }
    }

    private static Map<String, @Nullable Object> variables(Letter letter) {
        StoredLetter newest = letter.newest();
        Map<String, String> headers = new LinkedHashMap<>();
        newest.original()
                .getHeadersList()
                .forEach(header -> headers.put(header.getName(), LetterText.readable(header.getValue())));
        Map<String, @Nullable Object> values = new HashMap<>();
        values.put("code", letter.code());
        values.put("message", letter.message());
        values.put("component", letter.component());
        values.put("attempts", letter.attempts());
        values.put("failedAt", letter.failedAt());
        values.put(
                "key",
                newest.original().hasKey()
                        ? LetterText.readable(newest.original().getKey())
                        : null);
        values.put("topic", newest.original().getOrigin());
        values.put("partition", newest.original().getPartition());
        values.put("offset", newest.original().getOffset());
        values.put("eventId", newest.eventId());
        values.put("correlationId", newest.correlationId());
        values.put("headers", headers);
        values.put("data", LetterText.payload(newest.original().getValue().toByteArray()));
        return values;
    }
}
