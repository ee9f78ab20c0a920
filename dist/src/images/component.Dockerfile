# SPDX-FileCopyrightText: The Fiso Authors
# SPDX-License-Identifier: Apache-2.0
#
# fiso/<type>: one component on the runtime. "fisoctl images build" prepares the context from the component's descriptor:
#   component/        its jar and component.yaml, as in the distribution
#   component.args    its JVM flags and -jar
#   classes.list      the classes that a start of it loads
ARG RUNTIME_IMAGE
FROM ${RUNTIME_IMAGE}
ARG TYPE
COPY component/ /opt/fiso/components/${TYPE}/
COPY component.args classes.list dump.args /opt/fiso/
# The cache fits exactly this Java and these jars, so it is made by the one from the others. Without a shell: there may be none.
USER 0:0
RUN ["/opt/java/bin/java", "@/opt/fiso/jvm.args", "@/opt/fiso/dump.args", "@/opt/fiso/component.args"]
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "@/opt/fiso/jvm.args", "@/opt/fiso/component.args"]

ARG DESCRIPTION
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="${TYPE}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      io.fiso.image="component" \
      io.fiso.component="${TYPE}"
