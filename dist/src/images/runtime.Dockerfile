# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# fiso/runtime: the base, a trimmed Java, the jars that components share. Every other image stands on it and inherits user, health check and signal.
# "fisoctl images build" prepares the context:
#   system/   what the base lacks: nothing on a real one; on scratch the C library, a user and /tmp
#   java/     jlink's output, with the modules of modules.txt
#   shared/   opt/fiso/lib: the jars; opt/fiso/health.jar: a link to one of them
ARG BASE_IMAGE=debian:12-slim
FROM ${BASE_IMAGE}
COPY system/ /
COPY java/ /opt/java/
COPY shared/ /
COPY jvm.args health.args /opt/fiso/

ENV JAVA_HOME=/opt/java \
    PATH=/opt/java/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    FISO_LISTEN=0.0.0.0:8080 \
    FISO_HTTP_LISTEN=0.0.0.0:9090 \
    FISO_STATE_DIR=/tmp/fiso-state
WORKDIR /tmp
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["/opt/java/bin/java", "@/opt/fiso/health.args"]
ENTRYPOINT ["/opt/java/bin/java", "@/opt/fiso/jvm.args"]

# Last, so that another version or revision changes no layer.
ARG BASE_IMAGE
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Fiso runtime" \
      org.opencontainers.image.description="A trimmed Java and the jars that Fiso's components share" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="The Fiso Authors" \
      org.opencontainers.image.base.name="${BASE_IMAGE}" \
      io.fiso.image="runtime"
