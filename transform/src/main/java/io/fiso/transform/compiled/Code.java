// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The steps of one generated method. Kept before they are written, since the class file's builder may ask for them more than once. */
final class Code {
    /** Where the frame is. */
    private static final int FRAME = 0;

    private static final ClassDesc FRAME_CLASS = ClassDesc.of(Frame.class.getName());

    /** What an operation leaves on the stack. */
    enum Answer {
        NOTHING(ConstantDescs.CD_void),
        INT(ConstantDescs.CD_int);

        final ClassDesc type;

        Answer(ClassDesc type) {
            this.type = type;
        }
    }

    private sealed interface Step {
        record Operation(Class<?> owner, String name, List<Integer> arguments, Answer answer) implements Step {}

        record Own(String name, Answer answer) implements Step {}

        record Plain(String name, int argument) implements Step {}

        record Mark(int label) implements Step {}

        record Jump(int label) implements Step {}

        record JumpIfLocal(int local, int equals, int label) implements Step {}
    }

    private final String name;
    private final Answer answer;
    private final List<Step> steps = new ArrayList<>();
    private int labels;
    private int locals = FRAME + 1;

    Code(String name, Answer answer) {
        this.name = name;
        this.answer = answer;
    }

    String name() {
        return name;
    }

    int size() {
        return steps.size();
    }

    int label() {
        return labels++;
    }

    int local() {
        return locals++;
    }

    /** Calls a static method that takes the frame and these numbers. */
    void operation(Class<?> owner, String operation, Answer leaves, int... arguments) {
        steps.add(new Step.Operation(
                owner, operation, java.util.Arrays.stream(arguments).boxed().toList(), leaves));
    }

    /** Calls another generated method. */
    void own(Code method) {
        steps.add(new Step.Own(method.name, method.answer));
    }

    void push(int value) {
        steps.add(new Step.Plain("push", value));
    }

    /** Takes away what a call has left. */
    void drop() {
        steps.add(new Step.Plain("drop", 0));
    }

    void load(int local) {
        steps.add(new Step.Plain("load", local));
    }

    void store(int local) {
        steps.add(new Step.Plain("store", local));
    }

    void answer() {
        steps.add(new Step.Plain("answer", 0));
    }

    void mark(int label) {
        steps.add(new Step.Mark(label));
    }

    void jump(int label) {
        steps.add(new Step.Jump(label));
    }

    void jumpIf(int local, int equals, int label) {
        steps.add(new Step.JumpIfLocal(local, equals, label));
    }

    MethodTypeDesc type() {
        return MethodTypeDesc.of(answer.type, FRAME_CLASS);
    }

    void write(CodeBuilder out, ClassDesc self) {
        Map<Integer, Label> targets = new HashMap<>();
        for (var step : steps) {
            switch (step) {
                case Step.Operation(Class<?> owner, String operation, List<Integer> arguments, Answer leaves) -> {
                    out.aload(FRAME);
                    arguments.forEach(out::loadConstant);
                    var types = new ArrayList<ClassDesc>();
                    types.add(FRAME_CLASS);
                    arguments.forEach(_ -> types.add(ConstantDescs.CD_int));
                    out.invokestatic(ClassDesc.of(owner.getName()), operation, MethodTypeDesc.of(leaves.type, types));
                }
                case Step.Own(String method, Answer leaves) -> {
                    out.aload(FRAME);
                    out.invokestatic(self, method, MethodTypeDesc.of(leaves.type, FRAME_CLASS));
                }
                case Step.Plain(String what, int argument) -> {
                    switch (what) {
                        case "push" -> out.loadConstant(argument);
                        case "drop" -> out.pop();
                        case "load" -> out.iload(argument);
                        case "store" -> out.istore(argument);
                        default -> end(out);
                    }
                }
                case Step.Mark(int label) -> out.labelBinding(target(out, targets, label));
                case Step.Jump(int label) -> out.goto_(target(out, targets, label));
                case Step.JumpIfLocal(int local, int equals, int label) -> {
                    out.iload(local);
                    if (equals == 0) {
                        out.ifeq(target(out, targets, label));
                    } else {
                        out.loadConstant(equals);
                        out.if_icmpeq(target(out, targets, label));
                    }
                }
            }
        }
        if (answer == Answer.NOTHING) {
            out.return_();
        }
    }

    private void end(CodeBuilder out) {
        if (answer == Answer.NOTHING) {
            out.return_();
        } else {
            out.ireturn();
        }
    }

    private static Label target(CodeBuilder out, Map<Integer, Label> targets, int label) {
        return targets.computeIfAbsent(label, _ -> out.newLabel());
    }
}
