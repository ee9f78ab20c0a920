// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

import io.fiso.pipeline.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Why a command did not do what it was asked.
 *
 * @param code stable and dotted
 * @param owner who can put it right
 * @param exit the exit code that goes with it
 * @param message subject and what was found
 * @param remedy what to do; empty if the message says it all
 * @param problems the single problems with their places, if it is about a file
 */
public record Failure(
        String code, Problem.Owner owner, int exit, String message, String remedy, List<Problem> problems) {
    public Failure {
        problems = List.copyOf(problems);
    }

    /** The user's to mend: exit code 2. */
    public static Failure invalid(String code, String message, String remedy) {
        return new Failure(code, Problem.Owner.USER, ExitCode.INVALID, message, remedy, List.of());
    }

    /** Something outside: exit code 3. */
    public static Failure environment(String code, String message, String remedy) {
        return new Failure(code, Problem.Owner.EXTERNAL, ExitCode.ENVIRONMENT, message, remedy, List.of());
    }

    /** It was tried, and failed: exit code 1. */
    public static Failure failed(String code, Problem.Owner owner, String message, String remedy) {
        return new Failure(code, owner, ExitCode.FAILED, message, remedy, List.of());
    }

    /** A file with mistakes: exit code 2. */
    public static Failure ofProblems(String code, String message, List<Problem> problems) {
        return new Failure(code, Problem.Owner.USER, ExitCode.INVALID, message, "", problems);
    }

    /** For a terminal: the problems, then what they come to. */
    public String text(Style style) {
        List<String> parts = new ArrayList<>();
        for (Problem problem : problems) {
            parts.add(problem.render() + "\n");
        }
        parts.add(style.red("error[" + code + "]") + ": " + message);
        if (!remedy.isEmpty()) {
            parts.add("  " + remedy.replace("\n", "\n  "));
        }
        return String.join("\n", parts);
    }

    /** For programs. */
    public Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("code", code);
        data.put("owner", owner.name().toLowerCase(Locale.ROOT));
        data.put("message", message);
        data.put("remedy", remedy);
        data.put("problems", problems.stream().map(Failure::data).toList());
        return data;
    }

    /** One problem for programs. */
    public static Map<String, Object> data(Problem problem) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
        data.put("code", problem.code());
        data.put("owner", problem.owner().name().toLowerCase(Locale.ROOT));
        data.put("file", problem.place().file());
        data.put("line", problem.place().line());
        data.put("column", problem.place().column());
        data.put("message", problem.message());
        data.put("remedy", problem.remedy());
        return data;
    }
}
