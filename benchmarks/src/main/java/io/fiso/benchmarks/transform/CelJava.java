// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeFactory;
import io.fiso.transform.EventView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;

/**
 * What one writes with cel-java and Jackson as they come: the payload becomes a map, every field is a program compiled once, the results become
 * JSON. The dialect is Fiso's, mixed arithmetic included, so that it computes the same; limits on time, depth and output it has none.
 */
final class CelJava implements Mapping {
    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .evaluateCanonicalTypesToNativeValues(true)
            .enableTimestampEpoch(true)
            .comprehensionMaxIterations(1_000_000)
            .build();

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("_+_", "add", Double::sum),
            new Operation("_-_", "subtract", (a, b) -> a - b),
            new Operation("_*_", "multiply", (a, b) -> a * b),
            new Operation("_/_", "divide", (a, b) -> a / b));

    private final List<Field> fields;

    private CelJava(List<Field> fields) {
        this.fields = fields;
    }

    private record Field(String name, CelRuntime.Program program) {}

    private record Operation(String operator, String name, DoubleBinaryOperator apply) {}

    static CelJava onStandardRuntime(Map<String, String> fields) throws CelValidationException, CelEvaluationException {
        return compile(
                fields,
                CelRuntimeFactory.standardCelRuntimeBuilder(),
                OPERATIONS.stream().flatMap(o -> mixed(o).stream()).toList());
    }

    /** The planner looks under the operator's name when it does not know the types, and in JSON it never does. */
    static CelJava onPlannerRuntime(Map<String, String> fields) throws CelValidationException, CelEvaluationException {
        return compile(
                fields,
                CelRuntimeFactory.plannerRuntimeBuilder(),
                OPERATIONS.stream()
                        .flatMap(o -> CelFunctionBinding.fromOverloads(o.operator(), mixed(o)).stream())
                        .toList());
    }

    private static CelJava compile(
            Map<String, String> expressions, CelRuntimeBuilder builder, List<CelFunctionBinding> mixedArithmetic)
            throws CelValidationException, CelEvaluationException {
        CelCompiler compiler = compiler();
        CelRuntime runtime = builder.setOptions(OPTIONS)
                .addFunctionBindings(mixedArithmetic)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.math(OPTIONS),
                        CelExtensions.encoders(OPTIONS),
                        CelExtensions.lists(),
                        CelOptionalLibrary.INSTANCE)
                .build();
        List<Field> fields = new ArrayList<>();
        for (Map.Entry<String, String> expression : expressions.entrySet()) {
            fields.add(new Field(
                    expression.getKey(),
                    runtime.createProgram(
                            compiler.compile(expression.getValue()).getAst())));
        }
        return new CelJava(List.copyOf(fields));
    }

    @Override
    public byte[] apply(EventView event) throws CelEvaluationException {
        Map<String, Object> variables = new HashMap<>();
        variables.put("data", PeerJson.MAPPER.readValue(event.dataArray(), Map.class));
        variables.put("id", event.id());
        variables.put("type", event.type());
        variables.put("source", event.source());
        String time = event.time();
        if (time != null) {
            variables.put("time", time);
        }
        Map<String, Object> output = LinkedHashMap.newLinkedHashMap(fields.size());
        for (Field field : fields) {
            output.put(field.name(), field.program().eval(variables));
        }
        return PeerJson.MAPPER.writeValueAsBytes(output);
    }

    private static CelCompiler compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addFunctionDeclarations(declarations())
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.math(OPTIONS),
                        CelExtensions.encoders(OPTIONS),
                        CelExtensions.lists(),
                        CelOptionalLibrary.INSTANCE)
                .addVar("data", SimpleType.DYN)
                .addVar("id", SimpleType.STRING)
                .addVar("type", SimpleType.STRING)
                .addVar("source", SimpleType.STRING)
                .addVar("time", SimpleType.DYN)
                .addVar("ext", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .build();
    }

    private static List<CelFunctionDecl> declarations() {
        return OPERATIONS.stream()
                .map(o -> CelFunctionDecl.newFunctionDeclaration(
                        o.operator(),
                        overload(o.name() + "_int64_double", SimpleType.INT, SimpleType.DOUBLE),
                        overload(o.name() + "_double_int64", SimpleType.DOUBLE, SimpleType.INT)))
                .toList();
    }

    private static CelOverloadDecl overload(String id, CelType left, CelType right) {
        return CelOverloadDecl.newGlobalOverload(id, SimpleType.DOUBLE, left, right);
    }

    // The operators are lambdas over nothing, which the checker cannot see.
    @SuppressWarnings("Immutable")
    private static List<CelFunctionBinding> mixed(Operation operation) {
        DoubleBinaryOperator apply = operation.apply();
        return List.of(
                CelFunctionBinding.from(
                        operation.name() + "_int64_double",
                        Long.class,
                        Double.class,
                        (a, b) -> apply.applyAsDouble(a, b)),
                CelFunctionBinding.from(
                        operation.name() + "_double_int64",
                        Double.class,
                        Long.class,
                        (a, b) -> apply.applyAsDouble(a, b)));
    }
}
