# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# fiso/fisoctl: the command line on the runtime. It has no processes to run components with: pipelines are run by a driver that has a place for them.
# "fisoctl images build" prepares the context:
#   lib/          the jars that only fisoctl needs
#   components/   the descriptors, which say what a pipeline may use
ARG RUNTIME_IMAGE
FROM ${RUNTIME_IMAGE}
COPY lib/ /opt/fiso/lib/
COPY components/ /opt/fiso/components/
COPY fisoctl.args classes.list dump.args /opt/fiso/
USER 0:0
RUN ["/opt/java/bin/java", "@/opt/fiso/dump.args", "@/opt/fiso/fisoctl.args"]
USER 65532:65532
ENV FISO_HOME=/opt/fiso \
    FISO_STATE_HOME=/tmp/fiso \
    FISO_LISTEN= \
    FISO_HTTP_LISTEN= \
    FISO_STATE_DIR=
HEALTHCHECK NONE
ENTRYPOINT ["/opt/java/bin/java", "@/opt/fiso/fisoctl.args"]

ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="fisoctl" \
      org.opencontainers.image.description="The command line of Fiso" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      io.fiso.image="fisoctl"
