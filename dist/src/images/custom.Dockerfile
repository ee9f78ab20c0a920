# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# An image for a component of your own, one jar with what it needs beside Java inside (or with a Class-Path into ../../lib). User, health check,
# signal and addresses come from the runtime. Copy it beside your pom.xml, put your component's name in, and:
#   docker build -f custom.Dockerfile -t example/my-sink:1.0.0 .
ARG RUNTIME_IMAGE=fiso/runtime:0.1.0
FROM ${RUNTIME_IMAGE}
COPY component.yaml target/my-sink.jar /opt/fiso/components/my-sink/
ENTRYPOINT ["/opt/java/bin/java", "@/opt/fiso/jvm.args", "-Xmx96m", "-jar", "/opt/fiso/components/my-sink/my-sink.jar"]
LABEL org.opencontainers.image.title="my-sink" io.fiso.image="component" io.fiso.component="my-sink"
