// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.BrokerException;
import io.fiso.broker.catalogue.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessFileTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    @Test
    void theFirstStartMakesATokenThatIsGoodForEverythingAndTheNextKeepsIt() throws IOException {
        AccessFile made = AccessFile.openOrMake(file());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        Caller owner = made.access().authenticate("Bearer " + made.ownToken()).orElseThrow();
        assertThat(owner.may(Permission.ADMIN, ResourceName.parse("a/b/kv/c"))).isTrue();
        assertThat(AccessFile.openOrMake(file()).ownToken()).isEqualTo(made.ownToken());
        assertThat(made.toString()).doesNotContain(made.ownToken());
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, read,  a/b, READ,  true",
        "a/b, read,  a/b, WRITE, false",
        "a/b, write, a/b, READ,  true",
        "a/b, admin, a/b, WRITE, true",
        "a/b, admin, a/c, READ,  false",
        "a/b, admin, b/b, READ,  false",
        "a/*, read,  a/c, READ,  true",
        "*/b, read,  x/b, READ,  true",
        "*/b, read,  x/c, READ,  false",
        "a/b*, read, a/bc, READ, true",
        "a/b*, read, a/cb, READ, false",
    })
    void aGrantIsGoodForItsNamespacesAndWhatItIncludes(
            String namespaces, String granted, String where, Permission asked, boolean allowed) throws IOException {
        write("{\"callers\": [{\"name\": \"x\", \"token\": \"" + TOKEN + "\", \"grants\": [{\"namespaces\": \""
                + namespaces + "\", \"permission\": \"" + granted + "\"}]}]}");
        Optional<Caller> caller = AccessFile.openOrMake(file()).access().authenticate("bearer " + TOKEN);
        assertThat(caller.orElseThrow().may(asked, ResourceName.parse(where + "/streams/s")))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"''", "Bearer", "Bearer x", "Basic " + TOKEN, "Bearer " + TOKEN + "0", TOKEN})
    void nobodyIsWhoShowsSomethingElse(String header) throws IOException {
        write("{\"callers\": [{\"name\": \"x\", \"token\": \"" + TOKEN + "\"}]}");
        assertThat(AccessFile.openOrMake(file()).access().authenticate(header)).isEmpty();
    }

    @Test
    void saysAllThatIsWrongAtOnceWithoutTokens() throws IOException {
        write("{\"callers\": [{\"token\": \"secret\"}, {\"name\": \"y\", \"token\": \"" + TOKEN
                + "\", \"grants\": [{\"namespaces\": \"a\", \"permission\": \"read\"},"
                + " {\"namespaces\": \"a/b\", \"permission\": \"all\"}]}, {\"name\": \"z\", \"token\": \"" + TOKEN
                + "\"}]}");
        assertThatThrownBy(() -> AccessFile.openOrMake(file()))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.access_file_invalid"))
                .hasMessageContainingAll(
                        "callers[0].name",
                        "callers[0].token",
                        "callers[1].grants[0].namespaces",
                        "callers[1].grants[1].permission",
                        "callers[2].token")
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining(TOKEN);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{",
                "``",
                "[]",
                "{\"callers\": []}",
                "{\"caller\": []}",
                "{\"callers\": [null]}",
                "null",
                "{\"callers\": [{\"grants\": [null]}]}"
            })
    void refusesWhatItCannotUnderstand(String text) throws IOException {
        write(text);
        assertThatThrownBy(() -> AccessFile.openOrMake(file()))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.access_file_invalid"));
    }

    @Test
    void refusesAFileThatOthersMayRead() throws IOException {
        write("{}");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> AccessFile.openOrMake(file()))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.access_file_open"));
    }

    private Path file() {
        return directory.resolve("access.json");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
    }
}
