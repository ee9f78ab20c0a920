// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class QueueCommandsTest {
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
    void aJobIsPutTakenAndDone() {
        broker.ok("queue", "create", "mails");
        assertThat(broker.ok("queue", "take", "mails")).isEqualTo("no job is ready\n");
        broker.ok("queue", "put", "mails", "later", "--delay", "1h");
        broker.ok("queue", "put", "mails", "hello", "--priority", "3", "--key", "ada", "--header", "kind=new");

        assertThat(broker.ok("queue", "peek", "mails"))
                .contains("  ready  priority 3  attempts 0 ")
                .endsWith("key=ada\n  kind: new\nhello\n");
        assertThat(broker.ok("queue", "jobs", "mails", "--state", "delayed").lines())
                .hasSize(2);
        Map<String, Object> taken = take("mails");
        assertThat(taken).containsEntry("payload", "hello").containsEntry("attempts", 1);
        assertThat(broker.ok("queue", "describe", "mails")).contains("0 ready, 1 delayed, 1 leased, the oldest ");
        String lease = String.valueOf(taken.get("lease"));
        assertThat(broker.ok("queue", "extend", "mails", lease, "--visibility-timeout", "1h"))
                .startsWith("the lease ends ");
        assertThat(broker.ok("queue", "ack", "mails", lease)).isEqualTo("done\n");
        assertThat(broker.ok("queue", "ack", "mails", lease)).isEqualTo("done; that had been said before\n");
        assertThat(broker.run("queue", "ack", "mails", "nonsense").err()).contains("error[broker.lease_invalid]");
    }

    @Test
    void whatIsGivenBackTooOftenIsADeadLetterAndComesBack() {
        broker.ok("queue", "create", "tries", "--max-attempts", "1");
        broker.ok("queue", "put", "tries", "hard");

        String lease = String.valueOf(take("tries").get("lease"));
        assertThat(broker.ok("queue", "nack", "tries", lease, "--reason", "too\nhard"))
                .isEqualTo("that was its last attempt: it is in default/default/queues/tries.dlq\n");
        ServedBroker.Answered stale = broker.run("queue", "nack", "tries", lease);
        assertThat(stale.exit()).isEqualTo(1);
        assertThat(stale.err()).contains("error[broker.lease_stale]");

        assertThat(broker.ok("queue", "peek", "tries.dlq"))
                .containsPattern("\n  from tries, job \\d+, given up \\S+ after 1 attempt: too\\\\nhard\nhard\n");
        assertThat(broker.ok("queue", "replay", "tries.dlq", "--all")).isEqualTo("1 dead letter replayed\n");
        assertThat(broker.ok("queue", "peek", "tries")).endsWith("\nhard\n");
    }

    @Test
    void aQueueIsEmptiedAndRemovedOnlyWithAYes() {
        broker.ok("queue", "create", "shop/old");
        broker.ok("queue", "put", "shop/old", "one");

        ServedBroker.Answered refused = broker.run("queue", "purge", "shop/old");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("error[broker.not_confirmed]").contains("1 now, of which 0 with a worker");
        assertThat(broker.ok("queue", "purge", "shop/old", "--yes")).contains("it had 1 job");
        assertThat(broker.run("queue", "delete", "shop/old").exit()).isEqualTo(2);
        broker.ok("queue", "delete", "shop/old", "--yes");
        assertThat(broker.run("queue", "delete", "shop/old", "--yes").err())
                .contains("error[broker.resource_not_found]");
    }

    @Test
    void nonsenseIsRefused() {
        broker.ok("queue", "create", "here");
        for (String[] args : List.of(
                new String[] {"queue", "put", "here"},
                new String[] {"queue", "put", "here", "x", "--priority", "10"},
                new String[] {"queue", "put", "here", "x", "--delay", "soon"},
                new String[] {"queue", "take", "here", "--limit", "0"},
                new String[] {"queue", "take", "here", "--wait", "1h"},
                new String[] {"queue", "replay", "here"},
                new String[] {"queue", "replay", "here", "1", "--all"},
                new String[] {"queue", "peek", "here", "99"},
                new String[] {"queue", "jobs", "here", "--state", "gone"},
                new String[] {"queue", "create", "here", "--max-attempts", "7000"},
                new String[] {"queue", "put", "heer", "x"})) {
            ServedBroker.Answered answered = broker.run(args);
            assertThat(answered.exit()).as(String.join(" ", args) + answered).isIn(1, 2);
            assertThat(answered.err()).as(String.join(" ", args)).startsWith("error[");
            assertThat(answered.err()).as(String.join(" ", args)).doesNotContain("internal");
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> take(String queue) {
        List<Map<String, Object>> jobs = (List<Map<String, Object>>)
                broker.run("queue", "take", queue, "-o", "json").result().get("jobs");
        assertThat(jobs).hasSize(1);
        return jobs.getFirst();
    }
}
