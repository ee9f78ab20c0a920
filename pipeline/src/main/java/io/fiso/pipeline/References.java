// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.Node.Style;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Replaces {@code ${VAR}}, {@code ${VAR:-default}} and {@code secretRef: {env|file}} by what they stand for. {@code $${} is a plain {@code ${}. */
final class References {
    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\\})?");
    private static final Pattern SENSITIVE =
            Pattern.compile(".*(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE).*");

    private final Path directory;
    private final Environment environment;
    private final Problems problems;

    References(Path directory, Environment environment, Problems problems) {
        this.directory = directory;
        this.environment = environment;
        this.problems = problems;
    }

    Node resolve(Node node) {
        return switch (node) {
            case Scalar scalar -> resolve(scalar);
            case Sequence sequence ->
                Sequence.of(
                        sequence.at(),
                        sequence.items().stream().map(this::resolve).toList());
            case Mapping mapping -> {
                var secret = secretRef(mapping);
                yield secret != null ? secret : members(mapping);
            }
        };
    }

    private Mapping members(Mapping mapping) {
        var entries = new ArrayList<Entry>();
        mapping.entries().forEach(e -> entries.add(new Entry(e.key(), resolve(e.value()))));
        return Mapping.of(mapping.at(), entries);
    }

    private Scalar resolve(Scalar scalar) {
        if (!(scalar.value() instanceof String) || !scalar.text().contains("${")) {
            return scalar;
        }
        boolean sensitive = false;
        boolean resolved = true;
        var text = new StringBuilder();
        var matcher = REFERENCE.matcher(scalar.text());
        while (matcher.find()) {
            sensitive |= matcher.group(1) != null
                    && SENSITIVE
                            .matcher(matcher.group(1).toUpperCase(Locale.ROOT))
                            .matches();
            var replacement = replacement(matcher, scalar);
            resolved &= replacement.isPresent();
            matcher.appendReplacement(text, Matcher.quoteReplacement(replacement.orElse("")));
        }
        var value = matcher.appendTail(text).toString();
        return new Scalar(
                scalar.at(),
                scalar.style() == Style.PLAIN ? YamlReader.resolve(value) : value,
                value,
                scalar.written(),
                resolved ? scalar.style() : Style.UNRESOLVED,
                sensitive);
    }

    private Optional<String> replacement(Matcher matcher, Scalar scalar) {
        if (matcher.group().startsWith("$$")) {
            return Optional.of("${");
        }
        var name = matcher.group(1);
        if (name == null) {
            problems.error(
                    "config.bad_reference",
                    scalar.at(),
                    "\"${\" begins a reference, and this is none",
                    "write ${NAME} or ${NAME:-default}; $${ for a plain ${");
            return Optional.empty();
        }
        var value = environment
                .variable(name)
                .filter(v -> !v.isEmpty() || matcher.group(2) == null)
                .or(() -> Optional.ofNullable(matcher.group(2)));
        if (value.isEmpty()) {
            problems.error(
                    "config.unset_variable",
                    scalar.at(),
                    "the environment variable " + name + " is not set",
                    "set it, or give a default: ${" + name + ":-...}");
        }
        return value;
    }

    /** The secret that a mapping stands for; null if it is an ordinary mapping. */
    private @Nullable Scalar secretRef(Mapping mapping) {
        if (mapping.entries().size() != 1 || !(mapping.get("secretRef") instanceof Mapping reference)) {
            return null;
        }
        return read(reference, "secretRef");
    }

    /** Reads {@code {env: NAME}} or {@code {file: path}}. */
    Scalar read(Mapping reference, String subject) {
        var value = reference.entries().size() == 1 ? value(reference) : Optional.<String>empty();
        if (reference.entries().size() != 1 || !reference.has("env") && !reference.has("file")) {
            problems.error(
                    "config.bad_secret_ref",
                    reference.at(),
                    "\"" + subject + "\" needs one of env and file",
                    "write " + subject + ": {env: NAME} or {file: path}");
        }
        var text = value.orElse("");
        var style = value.isPresent() ? Style.DOUBLE_QUOTED : Style.UNRESOLVED;
        return new Scalar(reference.at(), text, text, "***", style, true);
    }

    private Optional<String> value(Mapping reference) {
        var entry = reference.entries().getFirst();
        if (!(entry.value() instanceof Scalar name) || name.isNull()) {
            problems.error(
                    "config.bad_secret_ref",
                    entry.value().at(),
                    "\"" + entry.key().text() + "\" must be a text, found " + Node.describe(entry.value()),
                    "");
            return Optional.empty();
        }
        if (entry.key().text().equals("env")) {
            var value = environment.variable(name.text());
            if (value.isEmpty()) {
                problems.error(
                        "config.unset_variable",
                        name.at(),
                        "the environment variable " + name.text() + " is not set",
                        "set it before the start");
            }
            return value;
        }
        return entry.key().text().equals("file") ? file(name) : Optional.empty();
    }

    /** The text of a file that the document names. */
    String read(String file) throws IOException {
        return environment.readFile(directory.resolve(file));
    }

    private Optional<String> file(Scalar name) {
        try {
            var text = read(name.text());
            return Optional.of(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        } catch (IOException | InvalidPathException e) {
            problems.error(
                    "config.unreadable_secret",
                    name.at(),
                    "the secret's file " + name.text() + " cannot be read ("
                            + e.getClass().getSimpleName() + ")",
                    "check that it exists and that you may read it");
            return Optional.empty();
        }
    }
}
