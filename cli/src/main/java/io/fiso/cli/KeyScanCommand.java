// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.proto.broker.v1.KeyEntry;
import io.fiso.proto.broker.v1.ScanKeysRequest;
import io.fiso.proto.broker.v1.ScanKeysResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a store. */
@Command(name = "scan", description = "The keys of a store, in order of their bytes, with their values")
final class KeyScanCommand extends BrokerVerb.Named {
    private static final int PAGE = 1_000;
    private static final int VALUE_CHARACTERS = 80;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PREFIX", description = "Only those that begin like this")
    String prefix = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100)")
    int limit = 100;

    @Option(names = "--keys-only", description = "Without values")
    boolean keysOnly;

    KeyScanCommand(Host host) {
        super(host, ResourceNames.KEY_VALUE);
    }

    @Override
    void check() {
        NumberOptions.within("--limit", limit, 1, Integer.MAX_VALUE);
    }

    @Override
    Answer answer(BrokerClient client, String whole) {
        List<KeyEntry> found = new ArrayList<>();
        ScanKeysRequest.Builder request = ScanKeysRequest.newBuilder()
                .setStore(whole)
                .setPrefix(Objects.requireNonNullElse(prefix, ""))
                .setKeysOnly(keysOnly);
        boolean more = true;
        while (more && found.size() < limit) {
            ScanKeysRequest page =
                    request.setPageSize(Math.min(PAGE, limit - found.size())).build();
            ScanKeysResponse keys = client.call(whole, () -> client.keyValues().scanKeys(page));
            found.addAll(keys.getEntriesList());
            request.setPageToken(keys.getNextPageToken());
            more = !keys.getNextPageToken().isEmpty();
        }
        String summary = PipelineFile.count(found.size(), "key") + (more ? ", and more (--limit)" : "");
        return Answer.ok(
                summary,
                Format.map(
                        "store",
                        whole,
                        "more",
                        more,
                        "entries",
                        found.stream()
                                .map(entry -> KeyValueCommands.data(entry, !keysOnly))
                                .toList()),
                found.isEmpty() ? "no keys" : table(found) + (more ? "\n" + summary : ""));
    }

    private String table(List<KeyEntry> found) {
        Table table =
                keysOnly ? new Table("KEY", "REVISION", "EXPIRES") : new Table("KEY", "REVISION", "EXPIRES", "VALUE");
        for (KeyEntry entry : found) {
            String expires = Objects.requireNonNullElse(KeyValueCommands.expiry(entry), "-");
            String key = ByteText.line(entry.getKeyBytes());
            if (keysOnly) {
                table.row(key, entry.getRevision(), expires);
            } else {
                table.row(key, entry.getRevision(), expires, brief(ByteText.line(entry.getValue())));
            }
        }
        return table.render(terminal().width());
    }

    private static String brief(String value) {
        return value.codePointCount(0, value.length()) <= VALUE_CHARACTERS
                ? value
                : value.substring(0, value.offsetByCodePoints(0, VALUE_CHARACTERS - 1)) + "…";
    }
}
