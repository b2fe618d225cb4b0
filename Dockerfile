# What all stages begin with, pinned to one version of Node on one version of Debian. Whoever also wants the digest gives it:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# Compiles src to dist. Nothing of this stage but dist is kept.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts are not run: nothing that the build needs has one. What bundles the browser kit has its native part among the optional dependencies.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build:gateway

# The dependencies that are needed at run time. None of them has native parts.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# What of an operating system the gateway needs: Node, the libraries that it is linked with, and who it runs as. No shell, no package
# manager, no other program. Node brings its own certificate authorities along.
FROM ${NODE_IMAGE} AS system
WORKDIR /image
RUN set -eu; \
    for file in /usr/local/bin/node $(ldd /usr/local/bin/node | grep -o '/[^ ]*'); do cp --dereference --parents "$file" .; done; \
    mkdir etc /data; \
    echo 'sallyport:x:65532:65532::/app:/nonexistent' >etc/passwd; \
    echo 'sallyport:x:65532:' >etc/group; \
    echo 'hosts: files dns' >etc/nsswitch.conf

FROM scratch
COPY --from=system /image /
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json gateway.config.yaml ./
# Better Auth's database, where it is SQLite. Everything else may be read-only: docker run --read-only --volume sallyport:/app/data
COPY --from=system --chown=65532:65532 /data ./data
VOLUME /app/data
ENV PATH=/usr/local/bin NODE_ENV=production LISTEN_HOST=0.0.0.0
# Keeps idle connections small; bench/README.md has the figures.
ENV NODE_OPTIONS=--max-semi-space-size=16
# By number: Kubernetes does not believe a name that it is not root.
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["node", "dist/sallyport.js", "health"]
ENTRYPOINT ["node", "dist/sallyport.js"]
CMD ["start"]
# Last, because they differ with each build.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sallyport" \
      org.opencontainers.image.description="A gateway that enforces authentication before an unchanged FastAPI application" \
      org.opencontainers.image.url="https://sallyport.dev" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
