// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
        name = "fisoctl",
        description = "Runs and looks after Fiso pipelines.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "fisoctl COMMAND --help says more about one command."})
public final class Fisoctl implements Runnable {
    /** Every command, in the order that help shows them. */
    private static final Map<String, Function<Host, Object>> COMMANDS = commands();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help")
    private boolean help;

    @picocli.CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Fisoctl() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] args) {
        Logging.configure();
        if (Boolean.getBoolean("fiso.aot.workout")) {
            AotWorkout.run();
            System.exit(0);
        }
        int exit = execute(Host.system(), args);
        AotTraining.trainInBackgroundIfWanted(exit);
        System.out.flush();
        System.exit(exit);
    }

    /** Runs a command; the exit code. */
    static int execute(Host host, String... args) {
        return commandLine(host, args).execute(args);
    }

    /** Building the model of every command takes longer than most commands: if the first word is one, it alone is built. */
    static CommandLine commandLine(Host host, String... args) {
        CommandLine root = new CommandLine(new Fisoctl());
        Function<Host, Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (named != null && !args[0].equals("completion") && !args[0].equals("help")) {
            add(root, args[0], named, host);
        } else {
            COMMANDS.forEach((name, command) -> add(root, name, command, host));
        }
        root.setOut(new PrintWriter(host.terminal().out(), true));
        root.setErr(new PrintWriter(host.terminal().err(), true));
        root.setUsageHelpWidth(Math.clamp(host.terminal().width(), 60, 110));
        root.setUsageHelpLongOptionsMaxWidth(28);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(
                host.terminal().style() == io.fiso.cli.output.Style.COLOR
                        ? CommandLine.Help.Ansi.ON
                        : CommandLine.Help.Ansi.OFF));
        root.setAbbreviatedSubcommandsAllowed(false);
        root.setParameterExceptionHandler((e, words) -> refuse(host, e, words));
        return root;
    }

    private static void add(CommandLine root, String name, Function<Host, Object> command, Host host) {
        Object made = command.apply(host);
        root.addSubcommand(name, made instanceof Group group ? group.commandLine() : made);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int refuse(Host host, ParameterException e, String[] args) {
        String help = e.getCommandLine().getCommandSpec().qualifiedName() + " --help";
        List<String> suggestions =
                e instanceof UnmatchedArgumentException unmatched ? suggestions(unmatched) : List.of();
        String remedy = suggestions.isEmpty()
                ? "see " + help
                : "did you mean " + String.join(" or ", suggestions) + "? See " + help;
        String message =
                String.valueOf(e.getMessage()).lines().findFirst().orElse("the command line cannot be understood");
        Failure failure = Failure.invalid("cli.usage", message, remedy);
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        Printer.print(
                host.terminal(),
                requestedFormat(args),
                false,
                name.substring(name.indexOf(' ') + 1),
                Answer.failed(failure));
        return failure.exit();
    }

    private static List<String> suggestions(UnmatchedArgumentException e) {
        String found = e.getUnmatched().isEmpty() ? "" : e.getUnmatched().getFirst();
        CommandLine.Model.CommandSpec at = e.getCommandLine().getCommandSpec();
        List<String> known = found.startsWith("-")
                ? at.options().stream().flatMap(o -> Arrays.stream(o.names())).toList()
                : at.name().equals("fisoctl")
                        ? List.copyOf(COMMANDS.keySet())
                        : List.copyOf(at.subcommands().keySet());
        return Spelling.nearest(found, known);
    }

    /** The line could not be parsed, but whoever asked for JSON gets JSON. */
    private static Format requestedFormat(String[] args) {
        for (int i = 0; i < args.length; i++) {
            String value = switch (args[i]) {
                case "-o", "--output" -> i + 1 < args.length ? args[i + 1] : "";
                case "-ojson", "-o=json", "--output=json" -> "json";
                case "-oyaml", "-o=yaml", "--output=yaml" -> "yaml";
                default -> "";
            };
            if (value.equals("json") || value.equals("yaml")) {
                return Format.valueOf(value);
            }
        }
        return Format.text;
    }

    private static Map<String, Function<Host, Object>> commands() {
        Map<String, Function<Host, Object>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand::new);
        commands.put("server", ServerCommand::new);
        commands.put("attach", AttachCommand::new);
        commands.put("validate", ValidateCommand::new);
        commands.put("plan", PlanCommand::new);
        commands.put("export", ExportCommand::new);
        commands.put("status", StatusCommand::new);
        commands.put("audit", AuditCommand::new);
        commands.put("pipelines", PipelinesCommands::group);
        commands.put("components", ComponentsCommands::group);
        commands.put("logs", LogsCommand::new);
        commands.put("produce", ProduceCommand::new);
        commands.put("consume", ConsumeCommand::new);
        commands.put("offsets", OffsetsCommands::group);
        commands.put("dlq", DlqCommands::group);
        commands.put("test", TestCommand::new);
        commands.put("transform", TransformCommands::group);
        commands.put("broker", BrokerCommand::new);
        commands.put("stream", StreamCommands::group);
        commands.put("queue", QueueCommands::group);
        commands.put("kv", KeyValueCommands::group);
        commands.put("dev", DevCommands::group);
        commands.put("images", ImagesCommands::group);
        commands.put("doctor", DoctorCommand::new);
        commands.put("schema", SchemaCommand::new);
        commands.put("completion", CompletionCommand::new);
        commands.put("version", VersionCommand::new);
        return commands;
    }
}
