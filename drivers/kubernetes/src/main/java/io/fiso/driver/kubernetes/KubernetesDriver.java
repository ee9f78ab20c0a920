// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fiso.driver.Capabilities;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Reach;
import io.fiso.pipeline.ResolvedPipeline;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs components as pods. All replicas of a component are one workload; {@link #prepare} makes it, without pods, and an instance is its pod number i:
 * {@link #start} gives the workload that pod and notes the launch's mark on it, {@link Instance#stop} takes both away. In between the kubelet restarts the pod
 * by itself, which is no end of the instance.
 *
 * <p>Replicas start in the order of their indexes, or those below start along; one that is stopped ends together with, or after, those above it.
 */
public final class KubernetesDriver implements Driver {
    /** The driver's name. */
    public static final String NAME = "kubernetes";

    /** The name of the control plane's Service. */
    public static final String CONTROL_PLANE = "fiso-control-plane";

    private static final int HANDLE_VERSION = 1;

    private final Cluster cluster;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param client what reaches the API server; closed with this driver */
    public KubernetesDriver(KubernetesClient client, String namespace) {
        this.cluster = new Cluster(client, namespace);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                Set.of(Capabilities.LaunchKind.JAVA, Capabilities.LaunchKind.IMAGE), false, true, true, true);
    }

    /**
     * Makes everything of a pipeline but its pods, or brings it up to date: again with the same pipeline and options it changes nothing. To be called before the first start of a
     * run. What the pipeline had before and has no longer is removed; pods of components that have changed are replaced by the platform.
     *
     * @throws DriverException if an object of the same name is another's, or the API server refuses; what was made stays, and the next call goes on from there
     */
    public void prepare(ResolvedPipeline pipeline, ManifestOptions options) throws DriverException {
        if (!options.namespace().equals(cluster.namespace())) {
            throw new IllegalArgumentException("this driver is for namespace \"" + cluster.namespace() + "\", not \""
                    + options.namespace() + "\"");
        }
        cluster.apply(pipeline.name(), Manifests.of(pipeline, options));
    }

    /** Removes everything of a pipeline, running pods too, by deleting what owns it. Nothing happens if there is nothing. */
    public void remove(String pipeline) throws DriverException {
        cluster.deleteRoot(pipeline);
    }

    /** The control plane is a pod too, and is called by the name of its Service. */
    @Override
    public Reach reach() throws DriverException {
        try {
            return new Reach(InetAddress.getLocalHost(), CONTROL_PLANE + "." + cluster.namespace() + ".svc");
        } catch (UnknownHostException e) {
            throw new DriverException(
                    "driver.unreachable", "this machine does not know its own address in the cluster: " + e, e);
        }
    }

    @Override
    public Handle intent(LaunchSpec spec) {
        Map<String, String> fields = new HashMap<>();
        fields.put("namespace", cluster.namespace());
        fields.put("pipeline", spec.pipeline());
        fields.put("component", spec.component());
        fields.put("replica", Integer.toString(spec.replica()));
        fields.put("mark", spec.mark());
        return new Handle(NAME, HANDLE_VERSION, fields);
    }

    /** What to run stands in the workload already; of the launch only pipeline, component, replica and mark count. */
    @Override
    public Instance start(LaunchSpec spec) throws DriverException {
        var _ = cluster.change(spec.pipeline(), spec.component(), w -> w.claimed(spec.replica(), spec.mark()))
                .orElseThrow(() -> new DriverException(
                        "driver.not_prepared",
                        "namespace \"" + cluster.namespace() + "\" has no workload for component \"" + spec.component()
                                + "\" of pipeline \"" + spec.pipeline()
                                + "\"; somebody deleted it, or the pipeline was never prepared"));
        return new PodInstance(
                cluster, intent(spec), spec.pipeline(), spec.component(), spec.replica(), spec.mark(), closed::get);
    }

    @Override
    public Optional<Instance> recover(Handle handle) throws DriverException {
        if (!handle.driver().equals(NAME) || handle.version() != HANDLE_VERSION) {
            throw new DriverException(
                    "driver.foreign_handle",
                    "a handle of driver \"" + handle.driver() + "\", version " + handle.version()
                            + ", is not one that this kubernetes driver reads");
        }
        String pipeline = handle.field("pipeline");
        String component = handle.field("component");
        int replica = Integer.parseInt(handle.field("replica"));
        String mark = handle.field("mark");
        if (!handle.field("namespace").equals(cluster.namespace())) {
            throw new DriverException(
                    "driver.other_namespace",
                    "the instance is in namespace \"" + handle.field("namespace") + "\", this driver works in \""
                            + cluster.namespace() + "\"");
        }
        Optional<Workload> workload = cluster.asked("look for", pipeline, () -> cluster.workload(pipeline, component));
        return workload.filter(w -> w.mark(replica).equals(mark))
                .map(_ -> new PodInstance(cluster, handle, pipeline, component, replica, mark, closed::get));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                cluster.client().close();
            } catch (KubernetesClientException _) {
                // Nothing is left to be released.
            }
        }
    }
}
