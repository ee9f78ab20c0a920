// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The dead letters of a pipeline, out of all its stores. */
public final class Letters {
    /** Contents that are kept while choosing; beyond that they are read again when they are wanted. */
    private static final long CONTENT_BYTES_MAX = 64L << 20;

    private static final Comparator<Letter.Copy> BY_AGE =
            Comparator.comparing(copy -> copy.letter().failedAt());

    private final Map<LetterStore, Map<String, Note>> notes = new HashMap<>();
    private final Predicate<Letter> choice;
    private final Map<String, Candidate> byIdentity = new LinkedHashMap<>();
    private long keptBytes;

    /** A letter with all copies that were met so far, and whether it is wanted as it stands. */
    private record Candidate(Letter letter, boolean chosen) {}

    private Letters(Predicate<Letter> choice) {
        this.choice = choice;
    }

    /** Every letter that is chosen, the newest last. The choice sees each with its content. */
    public static List<Letter> read(List<? extends LetterStore> stores, Predicate<Letter> choice)
            throws IOException, InterruptedException {
        Letters letters = new Letters(choice);
        for (LetterStore store : stores) {
            letters.notes.put(store, store.notes());
            store.read(letter -> letters.add(new Letter.Copy(store, letter)));
        }
        List<Letter> chosen = new ArrayList<>();
        letters.byIdentity.values().stream()
                .filter(Candidate::chosen)
                .map(Candidate::letter)
                .forEach(chosen::add);
        chosen.sort(Comparator.comparing(Letter::failedAt));
        return chosen;
    }

    private void add(Letter.Copy copy) {
        Note own = note(copy);
        String id = Letter.identity(copy.letter());
        // What is over stays apart from a letter of the same record that came later.
        String key = own != null && own.state().resolved() ? id + "/" + own.state() : id;
        Candidate known = byIdentity.get(key);
        List<Letter.Copy> copies = new ArrayList<>(known == null ? List.of() : known.letter.copies());
        copies.add(copy);
        copies.sort(BY_AGE);
        if (known != null && copies.getLast() != copy) {
            copies.replaceAll(one -> one == copy ? one.withoutContent() : one);
            byIdentity.put(key, new Candidate(letter(id, copies), known.chosen));
            return;
        }
        // Of older copies only the places matter.
        copies.replaceAll(one -> one == copy ? one : one.withoutContent());
        Letter letter = letter(id, copies);
        boolean chosen = choice.test(letter);
        boolean keeps = chosen && keptBytes + copy.letter().size() <= CONTENT_BYTES_MAX;
        if (keeps) {
            keptBytes += copy.letter().size();
        } else {
            copies.replaceAll(Letter.Copy::withoutContent);
        }
        byIdentity.put(key, new Candidate(letter(id, copies), chosen));
    }

    private Letter letter(String id, List<Letter.Copy> copies) {
        return new Letter(id, copies, note(copies.getLast()));
    }

    private @Nullable Note note(Letter.Copy copy) {
        return notes.getOrDefault(copy.store(), Map.of()).get(copy.letter().place());
    }
}
