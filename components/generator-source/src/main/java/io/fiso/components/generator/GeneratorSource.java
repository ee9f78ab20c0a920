// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Makes events up, numbered from 0. After a restart in the same run it goes on where everything before was settled. */
public final class GeneratorSource implements EventSource {
    private static final int CACHED_KEYS_MAX = 100_000;

    private @Nullable GeneratorSourceConfig config;
    private @Nullable Template template;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new GeneratorSource(), args);
    }

    @Override
    public void open(SourceContext context) {
        GeneratorSourceConfig read = context.config(GeneratorSourceConfig.class);
        config = read;
        template = read.template();
    }

    @Override
    public void run(SourceContext context) throws InterruptedException {
        GeneratorSourceConfig settings = Objects.requireNonNull(config, "run before open");
        GeneratedEvents events = new GeneratedEvents(
                context.component(),
                "fiso-flow/" + context.pipeline(),
                settings.eventType(),
                Objects.requireNonNull(template));
        Keys keys = new Keys(settings.keys());
        // Each run makes its events anew; only a restart within it goes on.
        String partition = context.run();
        long first = context.checkpoint().position(partition, 0);
        long end = settings.limit().orElse(Long.MAX_VALUE);
        Pace pace = new Pace(settings.perSecond());
        for (long n = first; n < end && !context.stopping(); n++) {
            if (!pace.awaitTurn(n - first, context)) {
                return;
            }
            byte[] key = keys.of(n);
            context.emit(SourceEvent.of(events.event(n, key), partition, n, key, null));
        }
    }

    /** The order keys, made once. */
    private static final class Keys {
        private final int count;
        private final byte[][] cached;

        Keys(int count) {
            this.count = count;
            this.cached = new byte[Math.min(count, CACHED_KEYS_MAX)][];
            for (int i = 0; i < cached.length; i++) {
                cached[i] = key(i);
            }
        }

        byte[] of(long n) {
            int number = (int) (n % count);
            return number < cached.length ? cached[number] : key(number);
        }

        private static byte[] key(int number) {
            return ("key-" + number).getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** Spreads events evenly; a source that fell behind its rate catches up for one second at most. */
    private static final class Pace {
        private static final long SECOND = Duration.ofSeconds(1).toNanos();
        private static final long LONGEST_WAIT = Duration.ofMillis(200).toNanos();

        private final boolean unlimited;
        private final double nanosPerEvent;
        private long start = System.nanoTime();
        private long startCount;

        Pace(OptionalDouble perSecond) {
            unlimited = perSecond.isEmpty();
            nanosPerEvent = SECOND / perSecond.orElse(1);
        }

        /** Waits until this many events may have been emitted; false if the source is stopping. */
        boolean awaitTurn(long emitted, SourceContext context) throws InterruptedException {
            if (unlimited) {
                return true;
            }
            long due = start + (long) ((emitted - startCount) * nanosPerEvent);
            long now = System.nanoTime();
            if (now - due > SECOND) {
                start = now;
                startCount = emitted;
                return true;
            }
            while (now < due) {
                if (context.stopping()) {
                    return false;
                }
                Thread.sleep(Duration.ofNanos(Math.min(due - now, LONGEST_WAIT)));
                now = System.nanoTime();
            }
            return true;
        }
    }
}
