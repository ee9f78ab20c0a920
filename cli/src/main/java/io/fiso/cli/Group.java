// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A command that only has others below it: what is common to all of them, so that each says just its name and its verbs. */
final class Group {
    private final Host host;
    private final String name;
    private final String description;
    private final Map<String, Function<Host, Object>> verbs = new LinkedHashMap<>();

    /** @param description one sentence; the verbs are listed behind it */
    Group(Host host, String name, String description) {
        this.host = host;
        this.name = name;
        this.description = description;
    }

    /** Adds a verb below those that are there. */
    Group verb(String word, Function<Host, Object> verb) {
        verbs.put(word, verb);
        return this;
    }

    CommandLine commandLine() {
        CommandSpec[] own = new CommandSpec[1];
        Runnable alone = () -> {
            throw new CommandLine.ParameterException(
                    own[0].commandLine(), "\"" + name + "\" needs to know what: " + words(" or "));
        };
        CommandSpec spec = CommandSpec.wrapWithoutInspection(alone).name(name);
        own[0] = spec;
        spec.usageMessage().description(description + ": " + words(", "));
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help")
                .build());
        CommandLine line = new CommandLine(spec);
        verbs.forEach((word, verb) -> line.addSubcommand(word, verb.apply(host)));
        return line;
    }

    /** {@code a, b or c}. */
    private String words(String last) {
        List<String> words = List.copyOf(verbs.keySet());
        int size = words.size();
        return size == 1 ? words.getFirst() : String.join(", ", words.subList(0, size - 1)) + last + words.getLast();
    }
}
