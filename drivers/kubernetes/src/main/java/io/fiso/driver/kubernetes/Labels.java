// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fiso.pipeline.ResolvedComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Labels and annotations. Names of pipelines and components are valid label values as they are. */
final class Labels {
    static final String PIPELINE = "fiso.io/pipeline";
    static final String COMPONENT = "fiso.io/component";
    static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    static final String FISO = "fiso";
    /** Annotation: SHA-256 of the object as it was last applied. */
    static final String APPLIED = "fiso.io/applied";
    /** Annotation: with the replica's index behind it, the mark of the launch that the replica belongs to. */
    static final String MARK = "fiso.io/mark-";

    private Labels() {}

    /** Of everything that belongs to a pipeline. */
    static Map<String, String> pipeline(String pipeline, String version) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("app.kubernetes.io/name", FISO);
        labels.put("app.kubernetes.io/instance", Names.root(pipeline));
        labels.put("app.kubernetes.io/part-of", pipeline);
        labels.put("app.kubernetes.io/version", version);
        labels.put(MANAGED_BY, FISO);
        labels.put(PIPELINE, pipeline);
        return labels;
    }

    /** Of everything that belongs to one component. */
    static Map<String, String> component(String pipeline, ResolvedComponent component, String version) {
        Map<String, String> labels = pipeline(pipeline, version);
        component.type().ifPresent(type -> labels.put("app.kubernetes.io/name", type));
        labels.put("app.kubernetes.io/instance", Names.component(pipeline, component.id()));
        labels.put("app.kubernetes.io/component", component.kind().name().toLowerCase(Locale.ROOT));
        labels.put(COMPONENT, component.id());
        return labels;
    }

    /** What selects the pods of one component. */
    static Map<String, String> selector(String pipeline, String component) {
        Map<String, String> selector = new LinkedHashMap<>();
        selector.put(PIPELINE, pipeline);
        selector.put(COMPONENT, component);
        return selector;
    }

    /** What selects everything of a pipeline. */
    static Map<String, String> ofPipeline(String pipeline) {
        return Map.of(MANAGED_BY, FISO, PIPELINE, pipeline);
    }

    /** Whether an object is this pipeline's, and made by Fiso. */
    static boolean areOn(HasMetadata object, String pipeline) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && FISO.equals(labels.get(MANAGED_BY)) && pipeline.equals(labels.get(PIPELINE));
    }

    /** An annotation; empty if there is none. */
    static String annotation(HasMetadata object, String name) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(name, "");
    }
}
