// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.values.NullValue;
import io.fiso.transform.ExpressionSet.Field;
import io.fiso.transform.ExpressionSet.Handle;
import io.fiso.transform.bounds.Exhausted;
import io.fiso.transform.compiled.Frame;
import io.fiso.transform.compiled.Trap;
import io.fiso.transform.json.LimitExceeded;
import io.fiso.transform.json.NotJsonException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event that the expressions of a set are evaluated over. Belongs to one thread; close it. */
public final class Evaluated implements AutoCloseable {
    /** What the compiled code answers for a condition that failed. */
    private static final int FAILED = 2;

    /** What an event takes beside its data. */
    private static final long PER_ELEMENT = 400;

    private static final byte[] NOTHING = new byte[0];

    private boolean open;
    private final ExpressionSet set;
    private final Scope scope;
    private final Frame frame;

    Evaluated(ExpressionSet set) {
        this.set = set;
        this.scope = new Scope(set.format(), set.needed(), set.limits(), set.clock());
        this.frame = set.compiled().newFrame(scope.digits());
    }

    void open(EventView event) throws TransformException {
        open = true;
        scope.open(event);
        try {
            if (set.readsPayload()) {
                frame.open(scope, event.dataArray(), event.dataOffset(), event.dataLength());
            } else {
                frame.open(scope, NOTHING, 0, 0);
            }
        } catch (NotJsonException e) {
            close();
            throw new TransformException(e.message(event.dataArray(), event.dataOffset()), e);
        }
    }

    /** The object or value as JSON text. */
    public byte[] json(Handle.Json handle) throws TransformException {
        var out = frame.out;
        out.reset();
        if (!handle.isObject()) {
            write(handle.fields().getFirst(), 0);
            return out.toByteArray();
        }
        if (set.isWhole(handle.object())) {
            try {
                set.compiled().writeObject(frame, handle.object());
                return out.toByteArray();
            } catch (LimitExceeded | Exhausted e) {
                throw frame.member() == Frame.NO_MEMBER
                        ? new TransformException(String.valueOf(e.getMessage()), e)
                        : failed(handle.fields().get(frame.member()).expression(), e);
            } catch (Trap _) {
                // Field by field it shows which one the interpreter has to evaluate.
                out.reset();
            }
        }
        try {
            out.raw((byte) '{');
            for (var field : handle.fields()) {
                write(field, 1);
            }
            out.raw((byte) '}');
        } catch (LimitExceeded e) {
            throw new TransformException(e.getMessage(), e);
        }
        return out.toByteArray();
    }

    /** @param start how long the output was before the first field */
    private void write(Field field, int start) throws TransformException {
        var out = frame.out;
        int before = out.size();
        int entry = field.expression();
        try {
            prefix(field, start);
            if (set.isCompiled(entry)) {
                try {
                    if (set.compiled().run(frame, entry) == 0) {
                        out.truncate(before);
                    }
                    return;
                } catch (Trap _) {
                    set.fellBack();
                    out.truncate(before);
                    prefix(field, start);
                }
            }
            var value = interpret(entry);
            if (value instanceof Optional<?> optional && optional.isEmpty()) {
                out.truncate(before);
            } else {
                set.format()
                        .write(
                                out,
                                value,
                                scope.digits(),
                                set.entries().get(entry).depth());
            }
        } catch (TransformException | LimitExceeded | Exhausted e) {
            throw failed(entry, e);
        }
    }

    private void prefix(Field field, int start) {
        var prefix = field.prefix();
        int from = frame.out.size() > start ? 0 : 1;
        if (prefix.length > 0) {
            frame.out.raw(prefix, from, prefix.length);
        }
    }

    private TransformException failed(int entry, Throwable reason) {
        var subject = set.entries().get(entry).subject();
        return new TransformException((subject.isEmpty() ? "" : subject + ": ") + reason.getMessage(), reason);
    }

    private @Nullable Object interpret(int entry) throws TransformException {
        return set.entries().get(entry).evaluation().evaluate(scope);
    }

    /** The decision; anything but true or false is an error. */
    public boolean test(Handle.Condition handle) throws TransformException {
        int entry = handle.expression();
        try {
            if (set.isCompiled(entry)) {
                try {
                    int decided = set.compiled().run(frame, entry);
                    if (decided != FAILED) {
                        return decided == 1;
                    }
                } catch (Trap _) {
                    // The interpreter knows what to say.
                }
                set.fellBack();
            }
            var value = interpret(entry);
            if (value instanceof Boolean decision) {
                return decision;
            }
            throw new TransformException("the expression must be true or false, and is "
                    + (value == null ? "null" : "a " + value.getClass().getSimpleName()));
        } catch (TransformException | LimitExceeded | Exhausted e) {
            throw failed(entry, e);
        }
    }

    /**
     * The value: {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code Instant}, {@code Duration}, bytes as cel-java has them, a list or a
     * map; null for null, and for an optional value that is not there.
     */
    public @Nullable Object value(Handle.Value handle) throws TransformException {
        int entry = handle.expression();
        try {
            return plain(calculate(entry));
        } catch (TransformException | LimitExceeded | Exhausted e) {
            throw failed(entry, e);
        }
    }

    private @Nullable Object calculate(int entry) throws TransformException {
        if (set.isCompiled(entry)) {
            try {
                return frame.object(set.compiled().run(frame, entry));
            } catch (Trap _) {
                set.fellBack();
            }
        }
        return interpret(entry);
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case NullValue _ -> null;
            case Optional<?> optional -> plain(optional.orElse(null));
            default -> value;
        };
    }

    /** Each element of the list as JSON text of its own. All of them together are bounded like any output. */
    public List<byte[]> elements(Handle.Elements handle) throws TransformException {
        int entry = handle.expression();
        try {
            frame.out.reset();
            frame.noElements();
            if (!elementsWritten(entry)) {
                return interpretedElements(entry);
            }
            return written();
        } catch (TransformException | LimitExceeded | Exhausted e) {
            throw failed(entry, e);
        }
    }

    private List<byte[]> written() {
        scope.effort().needs(frame.elements() * PER_ELEMENT);
        var all = frame.out.toByteArray();
        var elements = new ArrayList<byte[]>(frame.elements());
        int start = 0;
        for (int i = 0; i < frame.elements(); i++) {
            elements.add(Arrays.copyOfRange(all, start, frame.elementEnd(i)));
            start = frame.elementEnd(i);
        }
        return elements;
    }

    private boolean elementsWritten(int entry) {
        if (!set.isCompiled(entry)) {
            return false;
        }
        try {
            set.compiled().run(frame, entry);
            return true;
        } catch (Trap _) {
            set.fellBack();
            return false;
        }
    }

    private List<byte[]> interpretedElements(int entry) throws TransformException {
        frame.out.reset();
        frame.noElements();
        if (!(plain(interpret(entry)) instanceof List<?> list)) {
            throw new TransformException("the expression must be a list");
        }
        for (var element : list) {
            set.format().write(frame.out, element, scope.digits(), 1);
            frame.elementEnds();
        }
        return written();
    }

    /** Ends the evaluation; what it gave stays. */
    @Override
    public void close() {
        if (open) {
            // Given back twice it would serve two events at the same time.
            open = false;
            frame.close();
            scope.close();
            // Who has built much may still hold it.
            if (!scope.effort().large()) {
                set.giveBack(this);
            }
        }
    }
}
