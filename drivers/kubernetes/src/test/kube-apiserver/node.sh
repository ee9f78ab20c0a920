#!/bin/sh
# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# Gives the API server that start.sh has started controllers, a scheduler and one node: this machine, with a Docker engine of its own. Needs root, dockerd (20.10 or so),
# iproute2, busybox-static, and control groups of version 1. Pods are in a network of this machine alone, 172.31.250.0/24; they have no names, and no services.
#
#   node.sh DIRECTORY         kube-controller-manager, kube-scheduler and kubelet are looked for in DIRECTORY/bin
set -eu

directory=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
PATH="$directory/bin:$PATH"
cd "$directory"
umask 077

if [ "${2:-}" != inside ]; then
    mkdir -p run/docker run/kubelet
    kube-controller-manager --kubeconfig kubeconfig --bind-address 127.0.0.1 --port 0 --secure-port 16257 --leader-elect=false \
        --service-account-private-key-file pki/accounts.key --root-ca-file pki/ca.crt --cert-dir run/certificates \
        ${CONTROLLER_OPTIONS:-} >run/kube-controller-manager.log 2>&1 &
    echo $! >run/kube-controller-manager.pid
    kube-scheduler --kubeconfig kubeconfig --bind-address 127.0.0.1 --port 0 --secure-port 16259 --leader-elect=false \
        --cert-dir run/certificates >run/kube-scheduler.log 2>&1 &
    echo $! >run/kube-scheduler.pid
    ip link show fiso-kube >/dev/null 2>&1 || ip link add fiso-kube type bridge
    ip addr replace 172.31.250.1/24 dev fiso-kube
    ip link set fiso-kube up
    # With mounts of their own, which are gone with them.
    exec unshare --mount --propagation private sh "$here/node.sh" "$directory" inside
fi

mount --make-rshared /
# The kubelet would change these settings of the kernel, for the whole machine. Here it finds them as it wants them.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1; do
    file=run/kubelet/$(echo "${setting%=*}" | tr / .)
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
done

# Where nobody may make a process less likely to be killed for want of memory, not even root, no pod would start.
cat >run/runc <<'EOF'
#!/bin/sh
bundle=
for argument; do
    [ "$previous" = --bundle ] && bundle=$argument
    previous=$argument
done
[ -z "$bundle" ] || sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$bundle/config.json"
exec runc "$@"
EOF
chmod +x run/runc
dockerd --add-runtime "plain=$directory/run/runc" --default-runtime plain --bridge=fiso-kube --iptables=false --ip-masq=false --data-root "$directory/run/docker/data" --exec-root "$directory/run/docker/exec" \
    --pidfile "$directory/run/docker/docker.pid" --host "unix://$directory/run/docker.sock" --exec-opt native.cgroupdriver=cgroupfs \
    >run/dockerd.log 2>&1 &
echo $! >run/dockerd.pid
tries=0
until docker --host "unix://$directory/run/docker.sock" version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { tail -n 5 run/dockerd.log >&2; exit 1; }
    sleep 1
done

# Two images of this machine's busybox: one that holds a pod's network, one with a shell for what runs in it.
image=$(mktemp -d)
mkdir -p "$image/bin" "$image/tmp" "$image/etc" "$image/run" "$image/var/lib"
cp /bin/busybox "$image/bin/"
for program in $(/bin/busybox --list); do
    [ "$program" = busybox ] || ln -s busybox "$image/bin/$program"
done
chmod -R a+rX "$image"
tar -C "$image" --owner 0 --group 0 -cf - . | docker --host "unix://$directory/run/docker.sock" import \
    --change 'ENTRYPOINT ["/bin/sh", "-c", "trap \"exit 0\" TERM INT; while :; do sleep 1 & wait $!; done"]' - fiso-test/pause:1 >/dev/null
tar -C "$image" --owner 0 --group 0 -cf - . | docker --host "unix://$directory/run/docker.sock" import - fiso-test/busybox:1 >/dev/null
rm -r "$image"

cat >run/kubelet.yaml <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 172.31.250.1
port: 16250
healthzPort: 0
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
failSwapOn: false
makeIPTablesUtilChains: false
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
serializeImagePulls: false
EOF
kubelet --config run/kubelet.yaml --kubeconfig kubeconfig --root-dir "$directory/run/kubelet" --cert-dir run/certificates \
    --container-runtime docker --docker-endpoint "unix://$directory/run/docker.sock" --pod-infra-container-image fiso-test/pause:1 \
    --hostname-override node --node-ip 172.31.250.1 --volume-plugin-dir "$directory/run/plugins" >run/kubelet.log 2>&1 &
echo $! >run/kubelet.pid

tries=0
until kubectl --kubeconfig kubeconfig get nodes 2>/dev/null | grep -q ' Ready'; do
    tries=$((tries + 1))
    if [ $tries -gt 120 ] || ! kill -0 "$(cat run/kubelet.pid)" 2>/dev/null; then
        tail -n 5 run/kubelet.log >&2
        exit 1
    fi
    sleep 1
done
kubectl --kubeconfig kubeconfig get nodes
