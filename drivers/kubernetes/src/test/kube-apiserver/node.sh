#!/bin/sh
# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# Gives the API server that start.sh has started controllers, a scheduler and one node: this machine, with a Docker engine of its own. Needs root, dockerd (20.10 or so),
# conntrack and the first version of control groups. Pods have the machine's network or none: there is no network of pods.
#
#   node.sh DIRECTORY         kube-controller-manager, kube-scheduler and kubelet are looked for in DIRECTORY/bin
set -eu

directory=$(cd "$1" && pwd)
PATH="$directory/bin:$PATH"
cd "$directory"
umask 077
mkdir -p run/docker run/kubelet run/cni

dockerd --bridge=none --iptables=false --data-root "$directory/run/docker/data" --exec-root "$directory/run/docker/exec" \
    --pidfile "$directory/run/docker/docker.pid" --host "unix://$directory/run/docker.sock" --exec-opt native.cgroupdriver=cgroupfs \
    >run/dockerd.log 2>&1 &
echo $! >run/dockerd.pid

kube-controller-manager --kubeconfig kubeconfig --bind-address 127.0.0.1 --port 0 --secure-port 16257 --leader-elect=false \
    --service-account-private-key-file pki/accounts.key --root-ca-file pki/ca.crt --use-service-account-credentials=false \
    --cert-dir run/certificates ${CONTROLLER_OPTIONS:-} >run/kube-controller-manager.log 2>&1 &
echo $! >run/kube-controller-manager.pid

kube-scheduler --kubeconfig kubeconfig --bind-address 127.0.0.1 --port 0 --secure-port 16259 --leader-elect=false \
    --cert-dir run/certificates >run/kube-scheduler.log 2>&1 &
echo $! >run/kube-scheduler.pid

tries=0
until [ -S run/docker.sock ] && docker --host "unix://$directory/run/docker.sock" version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { tail -n 5 run/dockerd.log >&2; exit 1; }
    sleep 1
done

cat >run/kubelet.yaml <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: 16250
healthzPort: 16248
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $directory/pki/ca.crt}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupsPerQOS: true
failSwapOn: false
enforceNodeAllocatable: [pods]
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 99
imageGCLowThresholdPercent: 98
resolvConf: /etc/resolv.conf
syncFrequency: 5s
EOF
kubelet --config run/kubelet.yaml --kubeconfig kubeconfig --root-dir "$directory/run/kubelet" --cert-dir run/certificates \
    --container-runtime docker --docker-endpoint "unix://$directory/run/docker.sock" --network-plugin "${NETWORK_PLUGIN:-}" \
    --pod-infra-container-image "${PAUSE_IMAGE:-fiso-test/pause:1}" --hostname-override node --node-ip 127.0.0.1 \
    --image-pull-progress-deadline 30s --volume-plugin-dir "$directory/run/plugins" >run/kubelet.log 2>&1 &
echo $! >run/kubelet.pid
