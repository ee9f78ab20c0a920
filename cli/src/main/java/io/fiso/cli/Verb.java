// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Terminal;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that does something and answers. */
abstract class Verb implements Callable<Integer> {
    /** The options that every command has. */
    static final class Common {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "text",
                description = "text, json or yaml")
        Format format = Format.text;

        @Option(names = "--debug", description = "Show the stack trace of an error")
        boolean debug;

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help")
        boolean help;
    }

    @Mixin
    Common common = new Common();

    @Spec
    CommandSpec spec = CommandSpec.create();

    final Host host;

    Verb(Host host) {
        this.host = host;
    }

    /** Does it. What goes wrong in a way that the reader can act on is a {@link CommandException}. */
    abstract Answer answer() throws IOException, InterruptedException;

    /** Whether it prints lines of JSON on the way; then its envelope is the last such line. */
    boolean streams() {
        return false;
    }

    final Terminal terminal() {
        return host.terminal();
    }

    final boolean isText() {
        return common.format == Format.text;
    }

    /** The name without "fisoctl". */
    final String name() {
        String qualified = spec.qualifiedName();
        return qualified.substring(qualified.indexOf(' ') + 1);
    }

    @Override
    public final Integer call() {
        Answer answer;
        try {
            answer = answer();
        } catch (CommandException e) {
            debug(e);
            answer = Answer.failed(e.failure());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer = Answer.failed(Failure.failed("cli.interrupted", Problem.Owner.USER, "interrupted", ""));
        } catch (IOException e) {
            debug(e);
            answer = Answer.failed(Failure.environment("io.failed", describe(e), ""));
        } catch (RuntimeException e) {
            debug(e);
            answer = Answer.failed(Failure.failed(
                    "internal.unexpected",
                    Problem.Owner.INTERNAL,
                    describe(e),
                    common.debug
                            ? "this is a defect of Fiso; the stack trace above says where"
                            : "this is a defect of Fiso; add --debug to see where"));
        }
        print(answer);
        return answer.exit();
    }

    private void print(Answer answer) {
        Printer.print(terminal(), common.format, streams(), name(), answer);
    }

    private void debug(Throwable e) {
        if (common.debug) {
            e.printStackTrace(terminal().err());
        }
    }

    /** Exceptions of the JDK often have the subject only as their message. */
    static String describe(Throwable e) {
        String message = e.getMessage();
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "there is no file \"" + message + "\"";
            case java.nio.file.AccessDeniedException _ -> "access to \"" + message + "\" is denied";
            default ->
                message == null
                        ? e.getClass().getSimpleName()
                        : e instanceof IOException ? message : e.getClass().getSimpleName() + ": " + message;
        };
    }
}
