// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class KeyValueCommandsTest {
    @TempDir
    static Path directory;

    private static ServedBroker broker;

    @BeforeAll
    static void serve() throws Exception {
        broker = new ServedBroker(directory);
        broker.ok("kv", "create", "carts");
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    @Test
    void aKeyIsPutReadAndRemoved() {
        broker.ok("kv", "put", "carts", "ada/1", "three");

        assertThat(broker.ok("kv", "get", "carts", "ada/1")).isEqualTo("three\n");
        assertThat(broker.ok("kv", "get", "carts", "ada/1", "--raw")).isEqualTo("three");
        assertThat(broker.ok("kv", "delete", "carts", "ada/1")).startsWith("deleted, revision ");
        assertThat(broker.ok("kv", "delete", "carts", "ada/1")).isEqualTo("it was not there\n");
        ServedBroker.Answered gone = broker.run("kv", "get", "carts", "ada/1");
        assertThat(gone.exit()).isEqualTo(2);
        assertThat(gone.err()).contains("error[broker.key_not_found]");
    }

    @Test
    void bytesThatAreNoTextAreToldFromText() throws Exception {
        Path file = Files.write(directory.resolve("value"), new byte[] {27, '[', '2', 'J'});
        broker.ok("kv", "put", "carts", "bytes", "--file", file.toString());
        broker.ok("kv", "put", "carts", "text", "base64:GzJK");

        assertThat(broker.ok("kv", "get", "carts", "bytes")).isEqualTo("base64:G1sySg==\n");
        assertThat(broker.ok("kv", "get", "carts", "text")).isEqualTo("base64:YmFzZTY0Okd6Sks=\n");
        assertThat(broker.run("kv", "get", "carts", "bytes", "-o", "json").result())
                .containsEntry("value", null)
                .containsEntry("valueBase64", "G1sySg==");
        assertThat(broker.run("kv", "get", "carts", "text", "-o", "json").result())
                .containsEntry("value", "base64:GzJK")
                .doesNotContainKey("valueBase64");
    }

    @Test
    void aConditionThatDoesNotHoldChangesNothing() {
        String revision = broker.ok("kv", "put", "carts", "if", "1", "--if-absent")
                .strip()
                .replace("revision ", "");

        ServedBroker.Answered absent = broker.run("kv", "put", "carts", "if", "2", "--if-absent");
        assertThat(absent.exit()).isEqualTo(1);
        assertThat(absent.err()).contains("error[broker.revision_conflict]");
        broker.ok("kv", "put", "carts", "if", "3", "--if-revision", revision);
        assertThat(broker.run("kv", "delete", "carts", "if", "--if-revision", revision)
                        .exit())
                .isEqualTo(1);
        assertThat(broker.ok("kv", "get", "carts", "if")).isEqualTo("3\n");
    }

    @Test
    void aScanHasWhatBeginsLikeThisAndSaysWhenThereIsMore() {
        broker.ok("kv", "create", "scanned", "--default-ttl", "1h");
        for (String key : List.of("a/1", "a/2", "a/3", "b")) {
            broker.ok("kv", "put", "scanned", key, "v");
        }

        assertThat(broker.ok("kv", "scan", "scanned", "a/", "--keys-only")
                        .lines()
                        .skip(1))
                .hasSize(3)
                .allMatch(line -> line.matches("a/\\d +\\d+ +\\S+Z"));
        assertThat(broker.ok("kv", "scan", "scanned", "--limit", "2")).endsWith("2 keys, and more (--limit)\n");
        assertThat(broker.ok("kv", "scan", "scanned", "c")).isEqualTo("no keys\n");
    }

    @Test
    void aWatchShowsEveryChangeFromARevisionOn() {
        broker.ok("kv", "create", "watched");
        String first = broker.ok("kv", "put", "watched", "x", "1").strip().replace("revision ", "");
        broker.ok("kv", "put", "watched", "y", "2", "--ttl", "1h");
        broker.ok("kv", "delete", "watched", "x");

        String out = broker.ok("kv", "watch", "watched", "--from-revision", first, "--limit", "3");

        assertThat(out.lines().toList())
                .satisfiesExactly(
                        put -> assertThat(put).isEqualTo(first + "  put  x = 1"),
                        put -> assertThat(put).matches("\\d+  put  y = 2  until \\S+Z"),
                        delete -> assertThat(delete).matches("\\d+  delete  x"));
    }

    @Test
    void aStoreIsDestroyedOnlyWithAYes() {
        broker.ok("kv", "create", "gone");
        assertThat(broker.run("kv", "destroy", "gone").err()).contains("error[broker.not_confirmed]");
        broker.ok("kv", "destroy", "gone", "--yes");
        assertThat(broker.run("kv", "describe", "gone").err()).contains("error[broker.resource_not_found]");
    }

    @Test
    void nonsenseIsRefused() {
        for (String[] args : List.of(
                new String[] {"kv", "put", "carts", "x"},
                new String[] {"kv", "put", "carts", "", "1"},
                new String[] {"kv", "put", "carts", "x", "1", "--ttl", "1h", "--forever"},
                new String[] {"kv", "put", "carts", "x", "1", "--ttl", "0s"},
                new String[] {"kv", "put", "carts", "x", "1", "--if-absent", "--if-revision", "1"},
                new String[] {"kv", "put", "carts", "x".repeat(2000), "1"},
                new String[] {"kv", "scan", "carts", "--limit", "-1"},
                new String[] {"kv", "watch", "carts", "--from-revision", "-1"},
                new String[] {"kv", "watch", "crats"},
                new String[] {"kv", "get", "default/default/queues/carts", "x"})) {
            ServedBroker.Answered answered = broker.run(args);
            assertThat(answered.exit()).as(String.join(" ", args) + answered).isEqualTo(2);
            assertThat(answered.err()).as(String.join(" ", args)).startsWith("error[");
            assertThat(answered.err()).as(String.join(" ", args)).doesNotContain("internal");
        }
    }
}
