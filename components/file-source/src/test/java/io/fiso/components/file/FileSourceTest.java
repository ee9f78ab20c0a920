// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("orders.jsonl");
    }

    @Test
    void readsEveryLineAndEnds() throws Exception {
        Files.writeString(file, "{\"n\": 1.10}\n\n  \n{\"n\":2}\r\n[3]\n4");
        PipelineDouble pipeline = run(config(null));

        assertThat(data(pipeline)).containsExactly("{\"n\": 1.10}", "{\"n\":2}\r", "[3]", "4");
        assertThat(pipeline.failure()).isNull();
    }

    @Test
    void goesOnBehindWhatWasSettledAlsoAfterALastLineWithoutItsEnd() throws Exception {
        Files.writeString(file, "1\n22\n333");
        PipelineDouble first = run(config(null));
        append("\n4444\n");

        PipelineDouble second = resume(first);

        assertThat(data(first)).containsExactly("1", "22", "333");
        assertThat(data(second)).containsExactly("4444");
    }

    @Test
    void givesTheSameLineTheSameIdAndAnotherLineAtItsPlaceAnother() throws Exception {
        Files.writeString(file, "{\"n\":1}\n{\"n\":1}\n");
        List<String> first = ids(run(config(null)));
        List<String> again = ids(run(config(null)));
        Files.writeString(file, "{\"n\":7}\n{\"n\":1}\n");
        List<String> changed = ids(run(config(null)));

        assertThat(again).isEqualTo(first).doesNotHaveDuplicates();
        assertThat(changed.get(0)).isNotEqualTo(first.get(0));
        assertThat(changed.get(1)).isEqualTo(first.get(1));
    }

    @Test
    void sendsWhatIsNotJsonToTheDeadLettersAndGoesOn() throws Exception {
        Files.write(file, new byte[] {'{', '\n', '"', (byte) 0xC3, '(', '"', '\n', '1', '\n', '{', '"', 'a'});
        PipelineDouble pipeline = run(config(null));

        assertThat(pipeline.emitted()).hasSize(4);
        assertThat(failure(pipeline, 0).code()).isEqualTo("CLOUDEVENT_WRAP_FAILED");
        assertThat(failure(pipeline, 1)).hasMessageContaining("UTF-8");
        assertThat(pipeline.emitted().get(2).failure()).isEmpty();
        assertThat(failure(pipeline, 3)).hasMessageContaining("still being written");
        assertThat(original(pipeline, 0)).isEqualTo("{".getBytes(UTF_8));
    }

    @Test
    void refusesAHugeLineWithoutHoldingItAndGoesOn() throws Exception {
        String huge = "\"" + "x".repeat(3 * 1024 * 1024) + "\"";
        Files.writeString(file, "1\n" + huge + "\n2\n");
        PipelineDouble pipeline = run(config(null));

        assertThat(pipeline.emitted()).hasSize(3);
        assertThat(failure(pipeline, 1).code()).isEqualTo("EVENT_TOO_LARGE");
        assertThat(failure(pipeline, 1)).hasMessageContaining(Integer.toString(huge.length()));
        assertThat(original(pipeline, 1)).hasSize(1024 * 1024);
        assertThat(pipeline.emitted().get(2).failure()).isEmpty();
    }

    @Test
    void waitsForMoreWhenItFollows() throws Exception {
        Files.writeString(file, "1\n2");
        PipelineDouble pipeline = new PipelineDouble(config(true, null), directory, 0);
        pipeline.start(new FileSource());
        pipeline.awaitEmitted(1);
        append("2\n3\n");
        pipeline.awaitEmitted(3);
        pipeline.stop();

        assertThat(data(pipeline)).containsExactly("1", "22", "3");
    }

    @Test
    void startsAnewInAFileThatTookTheOldOnesPlace() throws Exception {
        Files.writeString(file, "1\n2\n");
        PipelineDouble first = run(config(null));
        Path fresh = directory.resolve("fresh");
        Files.writeString(fresh, "3\n");
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(data(resume(first))).containsExactly("3");
    }

    @Test
    void refusesAFileThatWasCut() throws Exception {
        Files.writeString(file, "1\n2\n3\n");
        PipelineDouble first = run(config(null));
        Files.writeString(file, "4\n", StandardOpenOption.TRUNCATE_EXISTING);

        PipelineDouble second = resume(first);
        assertThat(second.emitted()).isEmpty();
        assertThat(second.failure()).hasMessageContaining("was cut").hasMessageContaining(file.toString());
    }

    @Test
    void ordersByTheKeyFieldIfThereIsOne() throws Exception {
        Files.writeString(file, "{\"customer\":\"a\",\"n\":{\"customer\":\"z\"}}\n{\"customer\":7}\n{}\n");
        List<SourceEvent> emitted = run(config("customer")).emitted();

        assertThat(emitted.get(0).orderKey()).isEqualTo("a".getBytes(UTF_8));
        assertThat(emitted.get(1).orderKey()).isEqualTo("7".getBytes(UTF_8));
        assertThat(emitted.get(2).orderKey()).isEqualTo(file.toString().getBytes(UTF_8));
    }

    @Test
    void passesCloudEventsUnchanged() throws Exception {
        Files.writeString(file, "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"/s\",\"type\":\"t\",\"data\":1}\n");
        WireEvent event = event(run(config(null)).emitted().getFirst());
        assertThat(event.getId()).isEqualTo("A");
        assertThat(event.getType()).isEqualTo("t");
        assertThat(event.getExtensionNames()).isEmpty();
    }

    @Test
    void saysWhichFileIsMissing() {
        assertThatThrownBy(() -> new FileSource().open(new PipelineDouble(config(null), directory, 0)))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(file.toString());
    }

    private PipelineDouble run(FileSourceConfig config) throws Exception {
        PipelineDouble pipeline = new PipelineDouble(config, directory, 0);
        pipeline.start(new FileSource()).awaitEnd();
        return pipeline;
    }

    private PipelineDouble resume(PipelineDouble earlier) throws Exception {
        PipelineDouble pipeline = new PipelineDouble(config(null), directory, 0).resume(earlier);
        pipeline.start(new FileSource()).awaitEnd();
        return pipeline;
    }

    private FileSourceConfig config(@Nullable String key) {
        return config(false, key);
    }

    private FileSourceConfig config(boolean follow, @Nullable String key) {
        return new FileSourceConfig(file.toString(), follow, key, null);
    }

    private void append(String text) throws Exception {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static io.fiso.sdk.DeliveryException failure(PipelineDouble pipeline, int index) {
        return pipeline.emitted().get(index).failure().orElseThrow();
    }

    private static byte[] original(PipelineDouble pipeline, int index) {
        return Objects.requireNonNull(
                Objects.requireNonNull(pipeline.emitted().get(index).original()).value());
    }

    private static List<String> data(PipelineDouble pipeline) {
        return pipeline.emitted().stream()
                .map(emitted -> new String(event(emitted).dataBytes(), UTF_8))
                .toList();
    }

    private static List<String> ids(PipelineDouble pipeline) {
        return pipeline.emitted().stream()
                .map(emitted -> event(emitted).getId())
                .toList();
    }

    private static WireEvent event(SourceEvent emitted) {
        return WireEvent.from(Objects.requireNonNull(emitted.event()));
    }
}
