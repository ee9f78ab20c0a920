// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens and what they are good for, in a file that only its owner may read. Read when the broker starts:
 *
 * <pre>{@code
 * {"callers": [
 *   {"name": "owner", "token": "…", "grants": [{"namespaces": "default/*", "permission": "admin"}]},
 *   {"name": "shop", "token": "…", "grants": [{"namespaces": "default/shop", "permission": "write"}]}
 * ]}
 * }</pre>
 *
 * <p>with {@code namespaces} as in {@link Grant#parse}.
 *
 * @param access who may do what
 * @param ownToken a token that is good for everything; null if the file has none
 */
public record AccessFile(Access access, @Nullable String ownToken) {
    /** Its name in the broker's directory. */
    public static final String NAME = "access.json";

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{32,512}");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private record Written(@Nullable List<WrittenCaller> callers) {}

    private record WrittenCaller(
            @Nullable String name,
            @Nullable String token,
            @Nullable List<WrittenGrant> grants) {}

    private record WrittenGrant(
            @Nullable String namespaces, @Nullable String permission) {}

    /**
     * Reads the file; makes it if it is not there, with one token that is good for everything.
     *
     * @throws BrokerException if it cannot be read or made, others than its owner may read or write it, or it says something that cannot be
     *     understood; all of what is wrong is said at once
     */
    public static AccessFile openOrMake(Path file) {
        try {
            if (Files.notExists(file)) {
                Written first = new Written(List.of(new WrittenCaller(
                        "owner", AccessToken.random(), List.of(new WrittenGrant("*/*", Permission.ADMIN.word())))));
                PrivateFiles.write(file, JSON.writeValueAsBytes(first));
            }
            if (PrivateFiles.open(file)) {
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.access_file_open",
                        file + " holds tokens, and others than its owner may read or write it; chmod 600 mends that");
            }
            return checked(file, JSON.readValue(Files.readAllBytes(file), Written.class));
        } catch (IOException e) {
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.access_file_unreadable", file + " cannot be read or made: " + e, e);
        } catch (JacksonException e) {
            throw invalid(
                    file,
                    List.of(e.getOriginalMessage() + " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")"));
        }
    }

    private static AccessFile checked(Path file, @Nullable Written written) {
        List<String> problems = new ArrayList<>();
        List<Access.Known> known = new ArrayList<>();
        Set<AccessToken> seen = new HashSet<>();
        String own = null;
        List<WrittenCaller> callers = written == null || written.callers() == null ? List.of() : written.callers();
        if (callers.isEmpty()) {
            problems.add("\"callers\" has none, so nobody could call the broker; remove the file to get a new one");
        }
        for (int i = 0; i < callers.size(); i++) {
            String at = "callers[" + i + "]";
            WrittenCaller one = Objects.requireNonNullElse(callers.get(i), new WrittenCaller(null, null, null));
            String token = one.token() == null ? "" : one.token();
            if (one.name() == null || one.name().isBlank()) {
                problems.add(at + ".name is missing");
            }
            if (!TOKEN.matcher(token).matches()) {
                problems.add(at + ".token needs 32 to 512 letters, digits or any of ._~+/=-");
            } else if (!seen.add(new AccessToken(token))) {
                problems.add(at + ".token is that of another caller too");
            }
            Caller caller = new Caller(one.name() == null ? "" : one.name(), grants(at, one.grants(), problems));
            if (caller.grants().contains(new Grant("*", "*", Permission.ADMIN))) {
                own = own == null ? token : own;
            }
            known.add(new Access.Known(new AccessToken(token), caller));
        }
        if (!problems.isEmpty()) {
            throw invalid(file, problems);
        }
        return new AccessFile(new Access(known), own);
    }

    private static List<Grant> grants(String caller, @Nullable List<WrittenGrant> written, List<String> problems) {
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; written != null && i < written.size(); i++) {
            String at = caller + ".grants[" + i + "]";
            WrittenGrant one = Objects.requireNonNullElse(written.get(i), new WrittenGrant(null, null));
            Permission permission = Permission.of(one.permission() == null ? "" : one.permission())
                    .orElse(null);
            if (permission == null) {
                problems.add(at + ".permission can be read, write or admin");
                continue;
            }
            try {
                grants.add(Grant.parse(one.namespaces() == null ? "" : one.namespaces(), permission));
            } catch (IllegalArgumentException e) {
                problems.add(at + ".namespaces: " + e.getMessage());
            }
        }
        return grants;
    }

    private static BrokerException invalid(Path file, List<String> problems) {
        return new BrokerException(
                Kind.INVALID, "broker.access_file_invalid", file + ": " + String.join("; ", problems));
    }

    @Override
    public String toString() {
        return "AccessFile (secret)";
    }
}
