// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.ServedBroker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/broker-http.md, in their order: each command has the answer that stands below it. */
@Timeout(300)
class DocumentedExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("```sh\\n(curl .*)\\n```\\n\\n```(?:json)?\\n(.*)\\n```");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");

    @TempDir
    Path directory;

    @Test
    void answerAsTheyAreSaidTo() throws Exception {
        String page = page();
        try (ServedBroker broker = new ServedBroker(directory);
                HttpClient client = HttpClient.newHttpClient()) {
            List<MatchResult> examples = EXAMPLE.matcher(page).results().toList();
            assertThat(examples).hasSize(page.split("```sh", -1).length - 1).hasSizeGreaterThan(5);
            for (MatchResult example : examples) {
                String command = example.group(1)
                        .replace("$PORT", Integer.toString(broker.server.httpPort()))
                        .replace("$TOKEN", ServedBroker.OWNER);
                String answer = client.send(request(command), BodyHandlers.ofString())
                        .body()
                        .strip();
                assertThat(answer).as(example.group(1)).isEqualTo(example.group(2));
            }
        }
    }

    @Test
    void theBoundsAreTheOnesInForce() throws Exception {
        int body = HttpBounds.forMessages(BrokerSettings.MESSAGE_MAX_BYTES).bodyMaxBytes();
        assertThat(page())
                .contains(NumberFormat.getInstance(Locale.ROOT).format(body).replace(',', ' ') + " bytes");
    }

    private static String page() throws Exception {
        return Files.readString(Path.of("..", "docs", "broker-http.md"));
    }

    /** What curl would send: of its options, those that the page uses. */
    private static HttpRequest request(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            words.add(
                    matcher.group().startsWith("'") || matcher.group().startsWith("\"")
                            ? matcher.group().substring(1, matcher.group().length() - 1)
                            : matcher.group());
        }
        HttpRequest.Builder request = HttpRequest.newBuilder();
        String method = null;
        String data = null;
        for (int i = 1; i < words.size(); i++) {
            switch (words.get(i)) {
                case "-s" -> {}
                case "-X" -> method = words.get(++i);
                case "-d" -> data = words.get(++i);
                case "-H" -> {
                    String[] header = words.get(++i).split(": ", 2);
                    request.header(header[0], header[1]);
                }
                default -> request.uri(URI.create(words.get(i)));
            }
        }
        return request.method(
                        method != null ? method : data == null ? "GET" : "POST",
                        data == null ? BodyPublishers.noBody() : BodyPublishers.ofString(data))
                .build();
    }
}
