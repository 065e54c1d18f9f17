# SPDX-License-Identifier: Apache-2.0
# One image for every process; `./dev image` builds it and runs the demo in it. What is in it is the Debian package
# (cmake/package.cmake): made in here from the sources, or given:
#   docker build -t penstock .                              builds for half an hour
#   docker build -t penstock --build-arg PACKAGE=given .    takes build/package/penstock.deb
ARG BASE=docker.io/library/debian:12-slim
ARG PACKAGE=built

FROM ${BASE} AS built
COPY . /src
WORKDIR /src
RUN ./dev deb && cp build/release/penstock_*.deb /penstock.deb

FROM ${BASE} AS given
COPY build/package/penstock.deb /penstock.deb

FROM ${PACKAGE} AS package

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Penstock" \
      org.opencontainers.image.description="Copies what the Moveworks Data API exports into a warehouse" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:12-slim"
COPY --from=package /penstock.deb /tmp/penstock.deb
# The state's directory belongs to the user, so that a new volume there does too. Nothing that runs here needs a shell, a
# package manager or a program of somebody else's rights.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /tmp/penstock.deb tdsodbc \
 && rm -rf /tmp/penstock.deb /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* /usr/share/doc/penstock \
 && find / -xdev -perm /6000 -type f -exec chmod a-s {} + \
 && install -d -o 65532 -g 65532 -m 0700 /var/lib/penstock
USER 65532:65532
WORKDIR /var/lib/penstock
VOLUME /var/lib/penstock
# A coordinator and `penstock run` alike, with their state in the volume; a worker has no port to ask and no need: it ends
# when it cannot work.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m \
  CMD ["/usr/bin/penstock", "--state", "/var/lib/penstock/state", "health"]
STOPSIGNAL SIGTERM
# The command line; the others by --entrypoint: /usr/bin/penstock-coordinator, -worker, -sandbox.
ENTRYPOINT ["/usr/bin/penstock"]
CMD ["--help"]
