#!/bin/sh
# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# Starts etcd and kube-apiserver on the loopback address, with everything they have in DIRECTORY, and writes DIRECTORY/kubeconfig.
#
#   start.sh DIRECTORY        kube-apiserver is looked for in DIRECTORY/bin, etcd there and in PATH
#   stop.sh DIRECTORY         ends what start.sh (and node.sh) began
set -eu

directory=$(mkdir -p "$1" && cd "$1" && pwd)
PATH="$directory/bin:$PATH"
port=${API_PORT:-16443}
etcd=${ETCD_PORT:-12379}
cd "$directory"
umask 077
mkdir -p pki run

# A certificate authority, the server's certificate, the key that tokens of service accounts are signed with, and an administrator's token.
if [ ! -f pki/ca.crt ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=test-ca -keyout pki/ca.key -out pki/ca.crt 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout pki/server.key -out pki/server.csr 2>/dev/null
    printf 'subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc\n' >pki/server.ext
    openssl x509 -req -in pki/server.csr -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 3650 -extfile pki/server.ext -out pki/server.crt 2>/dev/null
    openssl genrsa -out pki/accounts.key 2048 2>/dev/null
    openssl rand -hex 32 >pki/token
    printf '%s,admin,admin,system:masters\n' "$(cat pki/token)" >pki/tokens.csv
fi

cat >kubeconfig <<EOF
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: admin}}]
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$port", certificate-authority-data: $(base64 -w0 pki/ca.crt)}}]
users: [{name: admin, user: {token: $(cat pki/token)}}]
EOF

etcd --data-dir run/etcd --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$((etcd + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd + 1))" \
    --initial-cluster "default=http://127.0.0.1:$((etcd + 1))" --unsafe-no-fsync >run/etcd.log 2>&1 &
echo $! >run/etcd.pid

kube-apiserver --etcd-servers "http://127.0.0.1:$etcd" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$port" \
    --tls-cert-file pki/server.crt --tls-private-key-file pki/server.key --client-ca-file pki/ca.crt --token-auth-file pki/tokens.csv \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file pki/accounts.key \
    --service-account-signing-key-file pki/accounts.key --service-cluster-ip-range 10.96.0.0/16 --authorization-mode Node,RBAC --kubelet-preferred-address-types InternalIP \
    --cert-dir run/certificates ${API_OPTIONS:-} >run/kube-apiserver.log 2>&1 &
echo $! >run/kube-apiserver.pid

tries=0
until [ "$(curl -s --cacert pki/ca.crt -H "Authorization: Bearer $(cat pki/token)" "https://127.0.0.1:$port/readyz")" = ok ]; do
    tries=$((tries + 1))
    if [ $tries -gt 120 ] || ! kill -0 "$(cat run/kube-apiserver.pid)" 2>/dev/null; then
        tail -5 run/etcd.log run/kube-apiserver.log >&2
        exit 1
    fi
    sleep 1
done
echo "FISO_TEST_KUBECONFIG=$directory/kubeconfig"
