// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.runtime.CelFunctionBinding;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * What CEL lacks and events need: {@code json.parse}, {@code json.encode}, {@code hash.sha256}, {@code now()}, {@code uuid()}. What depends on the event
 * is a macro: it expands to a call over hidden variables, so that a call with the same arguments always gives the same.
 */
final class OwnFunctions {
    /** The instant at which the event is evaluated. */
    static final String NOW = "@now";

    /** The event's id and source, whatever a loop calls its variable. */
    static final String ID = "@id";

    static final String SOURCE = "@source";

    static final String UUID_CALL = "@uuid";

    /** Which expression the macros are expanded for. */
    private static final ScopedValue<UuidCalls> EXPANDING = ScopedValue.newInstance();

    private OwnFunctions() {}

    /** The calls of {@code uuid()} in one expression, in the order in which they are written. */
    private static final class UuidCalls {
        private final String label;
        private int count;

        UuidCalls(String label) {
            this.label = label;
        }

        String next() {
            return label + "/" + count++;
        }
    }

    /** Parses an expression of that name; what {@code uuid()} gives depends on the name. */
    static <T> T parsing(String label, Callable<T> parse) {
        try {
            return ScopedValue.where(EXPANDING, new UuidCalls(label)).call(parse::call);
        } catch (Exception e) {
            throw new IllegalStateException("parsing failed, rather than finding problems: " + e.getMessage(), e);
        }
    }

    /** For all expressions. */
    static List<CelMacro> macros() {
        return List.of(
                CelMacro.newReceiverMacro(
                        "parse", 1, (factory, target, arguments) -> onJson(factory, target, arguments, "json.parse")),
                CelMacro.newReceiverMacro(
                        "encode", 1, (factory, target, arguments) -> onJson(factory, target, arguments, "json.encode")),
                CelMacro.newGlobalMacro("now", 0, (factory, _, _) -> Optional.of(factory.newIdentifier(NOW))));
    }

    /** For expressions over an event. */
    static List<CelMacro> eventMacros() {
        return List.of(
                CelMacro.newGlobalMacro(
                        "uuid", 0, (factory, _, _) -> Optional.of(uuid(factory, factory.newStringLiteral("")))),
                CelMacro.newGlobalMacro(
                        "uuid", 1, (factory, _, arguments) -> Optional.of(uuid(factory, arguments.getFirst()))));
    }

    private static Optional<CelExpr> onJson(
            CelMacroExprFactory factory, CelExpr target, List<CelExpr> arguments, String function) {
        boolean meant =
                target.getKind() == ExprKind.Kind.IDENT && target.ident().name().equals("json");
        return meant
                ? Optional.of(factory.newGlobalCall(
                        function, factory.newIdentifier(EventJson.VARIABLE), arguments.getFirst()))
                : Optional.empty();
    }

    private static CelExpr uuid(CelMacroExprFactory factory, CelExpr name) {
        return factory.newGlobalCall(
                UUID_CALL,
                factory.newIdentifier(SOURCE),
                factory.newIdentifier(ID),
                factory.newStringLiteral(EXPANDING.get().next()),
                name);
    }

    static List<CelFunctionDecl> declarations() {
        return List.of(
                CelFunctionDecl.newFunctionDeclaration(
                        "json.parse",
                        overload("json_parse_string", SimpleType.DYN, SimpleType.DYN, SimpleType.STRING),
                        overload("json_parse_bytes", SimpleType.DYN, SimpleType.DYN, SimpleType.BYTES)),
                CelFunctionDecl.newFunctionDeclaration(
                        "json.encode", overload("json_encode", SimpleType.STRING, SimpleType.DYN, SimpleType.DYN)),
                CelFunctionDecl.newFunctionDeclaration(
                        "hash.sha256",
                        overload("hash_sha256_string", SimpleType.STRING, SimpleType.STRING),
                        overload("hash_sha256_bytes", SimpleType.STRING, SimpleType.BYTES)),
                CelFunctionDecl.newFunctionDeclaration(
                        UUID_CALL,
                        overload(
                                "uuid",
                                SimpleType.STRING,
                                SimpleType.STRING,
                                SimpleType.STRING,
                                SimpleType.STRING,
                                SimpleType.STRING)));
    }

    private static CelOverloadDecl overload(String id, CelType result, CelType... arguments) {
        return CelOverloadDecl.newGlobalOverload(id, result, List.of(arguments));
    }

    static List<CelFunctionBinding> bindings() {
        return List.of(
                CelFunctionBinding.from(
                        "json_parse_string",
                        EventJson.class,
                        String.class,
                        (json, text) -> json.parse(text.getBytes(UTF_8))),
                CelFunctionBinding.from(
                        "json_parse_bytes",
                        EventJson.class,
                        CelByteString.class,
                        (json, bytes) -> json.parse(bytes.toByteArray())),
                CelFunctionBinding.from("json_encode", EventJson.class, Object.class, EventJson::encode),
                CelFunctionBinding.from("hash_sha256_string", String.class, text -> sha256(text.getBytes(UTF_8))),
                CelFunctionBinding.from("hash_sha256_bytes", CelByteString.class, bytes -> sha256(bytes.toByteArray())),
                CelFunctionBinding.from(
                        "uuid",
                        List.of(String.class, String.class, String.class, String.class),
                        parts -> uuid((String) parts[0], (String) parts[1], (String) parts[2], (String) parts[3])));
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /** Of version 8: the first bits of the SHA-256 of its parts, each with its length before it. */
    static String uuid(String... parts) {
        var digest = digest();
        for (var part : parts) {
            var bytes = part.getBytes(UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
        var hash = ByteBuffer.wrap(digest.digest());
        long high = hash.getLong() & 0xffff_ffff_ffff_0fffL | 0x8000L;
        long low = hash.getLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
