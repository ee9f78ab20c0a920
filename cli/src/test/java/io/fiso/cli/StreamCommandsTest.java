// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.proto.broker.v1.JoinGroupRequest;
import io.fiso.proto.broker.v1.LeaveGroupRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StreamCommandsTest {
    @TempDir
    static Path directory;

    private static ServedBroker broker;

    @BeforeAll
    static void serve() throws Exception {
        broker = new ServedBroker(directory);
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    @Test
    void whatIsAppendedIsRead() {
        broker.ok("stream", "create", "letters");
        broker.ok("stream", "append", "letters", "hello\nyou", "--key", "ada", "--header", "kind=new");
        broker.ok("stream", "append", "letters", "again");

        assertThat(broker.ok("stream", "read", "letters"))
                .containsPattern("letters-0@0  \\S+Z  key=ada\n  kind: new\nhello\nyou\nletters-0@1  \\S+Z\nagain\n");
        assertThat(broker.ok("stream", "read", "letters", "--last", "1", "--value-only"))
                .isEqualTo("again\n");
        assertThat(broker.ok("stream", "read", "letters", "--from", "1", "--value-only"))
                .isEqualTo("again\n");
        assertThat(broker.ok("stream", "read", "letters", "--from", "earliest", "--limit", "1", "--value-only"))
                .isEqualTo("hello\nyou\n");
        assertThat(broker.ok("stream", "read", "letters", "--from", "latest")).isEqualTo("no records\n");
        assertThat(broker.ok("stream", "read", "letters", "--from", "2020-01-01T00:00:00Z", "--value-only"))
                .isEqualTo("hello\nyou\nagain\n");
    }

    @Test
    void linesBecomeRecordsAndAFileOfBytesOne() throws Exception {
        Path lines = Files.writeString(directory.resolve("three.jsonl"), "one\n\n  \ntwo\r\nthree");
        Path bytes = Files.write(directory.resolve("bytes"), new byte[] {0, 1, (byte) 0xff, '\n'});
        broker.ok("stream", "create", "files");

        assertThat(broker.ok("stream", "append", "files", "--file", lines.toString()))
                .startsWith("3 records to default/default/streams/files");
        broker.ok("stream", "append", "files", "--file", bytes.toString());

        assertThat(broker.ok("stream", "read", "files", "--value-only"))
                .isEqualTo("one\ntwo\nthree\nbase64:AAH/Cg==\n");
        assertThat(records("files", "--last", "1"))
                .satisfiesExactly(record ->
                        assertThat(record).containsEntry("payload", null).containsEntry("payloadBase64", "AAH/Cg=="));
        assertThat(records("files", "--from", "0", "--limit", "1"))
                .satisfiesExactly(record ->
                        assertThat(record).containsEntry("payload", "one").doesNotContainKey("payloadBase64"));
    }

    @Test
    void partitionsAreReadInOrderOfTime() {
        broker.ok("stream", "create", "parts", "--partitions", "3");
        for (int i = 0; i < 6; i++) {
            broker.ok("stream", "append", "parts", "n" + i, "--partition", Integer.toString(i % 3));
        }

        assertThat(broker.ok("stream", "read", "parts", "--value-only").lines().sorted())
                .containsExactly("n0", "n1", "n2", "n3", "n4", "n5");
        assertThat(broker.ok("stream", "read", "parts", "--partition", "1", "--value-only"))
                .isEqualTo("n1\nn4\n");
        assertThat(broker.ok("stream", "read", "parts", "--last", "2", "--value-only")
                        .lines())
                .hasSize(2);
        assertThat(broker.ok("stream", "describe", "parts"))
                .contains("3 partitions, keeps everything")
                .containsPattern("1 +0 +2 +2 ")
                .contains("no consumer groups");
        assertThat(broker.run("stream", "read", "parts", "--partition", "3").err())
                .contains("error[broker.partition_invalid]")
                .contains("it has partitions 0 to 2");
    }

    @Test
    void whoFollowsIsGivenWhatIsThereAndWhatComes() throws Exception {
        broker.ok("stream", "create", "news", "--partitions", "2");
        broker.ok("stream", "append", "news", "first", "--partition", "0");
        Thread later =
                Thread.ofPlatform().start(() -> broker.ok("stream", "append", "news", "second", "--partition", "1"));

        String out =
                broker.ok("stream", "read", "news", "--from", "earliest", "--follow", "--limit", "2", "-o", "json");

        assertThat(out.lines().toList()).hasSize(3);
        assertThat(out)
                .contains("\"event\":\"record\"", "\"payload\":\"first\"", "\"payload\":\"second\"", "\"count\":2");
        later.join();
    }

    @Test
    void aGroupIsSetBackOnlyWithAYes() {
        broker.ok("stream", "create", "work");
        broker.ok("stream", "append", "work", "one");
        broker.ok("stream", "append", "work", "two");
        joinAndLeave("default/default/streams/work", "workers");

        assertThat(broker.ok("stream", "groups", "work")).containsPattern("workers +0 +0 +0 +2");
        ServedBroker.Answered refused = broker.run("stream", "reset-group", "work", "workers", "--to", "latest");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.out()).containsPattern("0 +0 +→ 2");
        assertThat(refused.err()).contains("error[broker.not_confirmed]").contains("add --yes");
        assertThat(broker.ok("stream", "groups", "work")).containsPattern("workers +0 +0 +0 +2");
        broker.ok("stream", "reset-group", "work", "workers", "--to", "1", "--yes");
        assertThat(broker.ok("stream", "groups", "work")).containsPattern("workers +0 +0 +1 +1");
        assertThat(broker.run("stream", "reset-group", "work", "worker", "--to", "1")
                        .err())
                .contains("error[broker.group_not_found]")
                .contains("did you mean workers?");
        broker.ok("stream", "delete-group", "work", "workers", "--yes");
        assertThat(broker.ok("stream", "groups", "work")).isEqualTo("no consumer groups\n");
    }

    @Test
    void whatIsNotThereIsToldWithWhatWasMeant() {
        broker.ok("stream", "create", "shop/orders");

        ServedBroker.Answered answered = broker.run("stream", "append", "shop/ordrs", "x", "-o", "json");

        assertThat(answered.exit()).isEqualTo(2);
        assertThat(answered.error())
                .containsEntry("code", "broker.resource_not_found")
                .containsEntry("owner", "user");
        assertThat(String.valueOf(answered.error().get("remedy")))
                .contains("did you mean shop/orders?")
                .contains("fisoctl stream create shop/ordrs");
    }

    @Test
    void aStreamIsRemovedOnlyWithAYes() {
        broker.ok("stream", "create", "old");

        ServedBroker.Answered refused = broker.run("stream", "delete", "old");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("error[broker.not_confirmed]");
        assertThat(broker.ok("stream", "list")).contains("old ");
        broker.ok("stream", "delete", "old", "--yes");
        assertThat(broker.ok("stream", "list")).doesNotContain("old ");
    }

    @Test
    void nonsenseIsRefusedBeforeAnybodyIsAsked() {
        for (String[] args : List.of(
                new String[] {"stream", "append", "letters"},
                new String[] {"stream", "append", "letters", "x", "--file", "-"},
                new String[] {"stream", "append", "letters", "x", "--header", "nothing"},
                new String[] {"stream", "append", "letters", "--file", "/no/such/file"},
                new String[] {"stream", "create", "x", "--partitions", "0"},
                new String[] {"stream", "create", "x", "--durability", "never"},
                new String[] {"stream", "create", "a/b/c/d/e"},
                new String[] {"stream", "create", "../x"},
                new String[] {"stream", "read", "letters", "--from", "yesterday"},
                new String[] {"stream", "read", "letters", "--from", "0", "--last", "1"},
                new String[] {"stream", "read", "letters", "--limit", "0"},
                new String[] {"stream", "read", "letters", "--timeout", "0s"},
                new String[] {"stream", "reset-group", "letters", "g", "--to", "soon"})) {
            ServedBroker.Answered answered = broker.run(args);
            assertThat(answered.exit()).as(String.join(" ", args)).isEqualTo(2);
            assertThat(answered.err()).as(String.join(" ", args)).startsWith("error[");
            assertThat(answered.err()).as(String.join(" ", args)).doesNotContain("internal");
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> records(String stream, String... more) {
        List<String> args = new java.util.ArrayList<>(List.of("stream", "read", stream, "-o", "json"));
        args.addAll(List.of(more));
        return (List<Map<String, Object>>)
                broker.run(args.toArray(String[]::new)).result().get("records");
    }

    private static void joinAndLeave(String stream, String group) {
        try (BrokerConnection connection =
                BrokerConnection.to(new BrokerAddress("127.0.0.1", broker.port(), broker.token()))) {
            String member = connection
                    .streams()
                    .joinGroup(JoinGroupRequest.newBuilder()
                            .setStream(stream)
                            .setGroup(group)
                            .build())
                    .getMemberId();
            connection
                    .streams()
                    .leaveGroup(LeaveGroupRequest.newBuilder()
                            .setStream(stream)
                            .setGroup(group)
                            .setMemberId(member)
                            .build());
        }
    }
}
