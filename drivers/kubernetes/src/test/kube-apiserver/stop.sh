#!/bin/sh
# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# Ends what start.sh and node.sh began in DIRECTORY, and nothing else: stop.sh DIRECTORY
set -eu
cd "$1/run"
for name in kubelet kube-scheduler kube-controller-manager kube-apiserver etcd dockerd; do
    [ -f "$name.pid" ] || continue
    pid=$(cat "$name.pid")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$(echo "$name" | cut -c1-15)" ]; then
        kill "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
    fi
    rm "$name.pid"
done
ip link delete fiso-kube 2>/dev/null || true
