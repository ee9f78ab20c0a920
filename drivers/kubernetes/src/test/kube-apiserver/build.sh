#!/bin/sh
# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds programs of Kubernetes from the unpacked source package in SOURCE into DIRECTORY/bin, and downloads nothing: build.sh SOURCE DIRECTORY PROGRAM…
set -eu

source=$(cd "$1" && pwd)
directory=$(mkdir -p "$2/bin" && cd "$2" && pwd)
shift 2
mkdir -p "$source/.go/src/k8s.io"
[ -L "$source/.go/src/k8s.io/kubernetes" ] || ln -s ../../.. "$source/.go/src/k8s.io/kubernetes"
export GOPATH="$source/.go" GO111MODULE=off GOPROXY=off CGO_ENABLED=0 GOCACHE="${GOCACHE:-$directory/gocache}"
cd "$GOPATH/src/k8s.io/kubernetes"

# The one generated file that the source package lacks: what the objects look like.
if [ ! -f pkg/generated/openapi/zz_generated.openapi.go ]; then
    go build -o "$directory/bin/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
    packages=$(find -L cmd pkg plugin vendor/k8s.io -name '*.go' -not -path '*/testdata/*' -exec grep -l '+k8s:openapi-gen=' {} + |
        grep -v '^vendor/k8s.io/code-generator\|^vendor/k8s.io/sample-apiserver' | xargs -n1 dirname | LC_ALL=C sort -u)
    "$directory/bin/openapi-gen" --logtostderr -i "$(echo "$packages" | sed 's#^#k8s.io/kubernetes/#' | paste -sd, -)" \
        -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt \
        -r "$directory/violations"
fi
for program; do
    nice -n 19 go build -ldflags '-s -w' -o "$directory/bin/$program" "k8s.io/kubernetes/cmd/$program"
done
