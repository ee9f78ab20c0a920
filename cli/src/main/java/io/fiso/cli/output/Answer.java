// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a command has to say, once, at its end.
 *
 * @param exit the exit code; 0 exactly if there is no error
 * @param summary one line
 * @param result maps, lists, strings, numbers, booleans; null if there is none
 * @param text the result for people; empty if everything has been shown already
 */
public record Answer(int exit, String summary, @Nullable Object result, Optional<Failure> error, String text) {
    /** It worked. */
    public static Answer ok(String summary, @Nullable Object result, String text) {
        return new Answer(ExitCode.OK, summary, result, Optional.empty(), text);
    }

    /** It did not. */
    public static Answer failed(Failure failure) {
        return failed(failure, null, "");
    }

    /** It did not, and there is something to show nevertheless. */
    public static Answer failed(Failure failure, @Nullable Object result, String text) {
        return new Answer(failure.exit(), failure.message(), result, Optional.of(failure), text);
    }

    /** The envelope, the same for every command. */
    public Map<String, @Nullable Object> envelope(String command) {
        Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
        envelope.put("command", command);
        envelope.put("ok", error.isEmpty());
        envelope.put("summary", summary);
        envelope.put("result", result);
        envelope.put("error", error.map(Failure::data).orElse(null));
        return envelope;
    }
}
