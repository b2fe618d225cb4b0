# syntax=docker/dockerfile:1

# Compiles src to dist. Nothing of this stage but dist is kept.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts are not run: nothing that the build needs has one. What bundles the browser kit has its native part among the optional dependencies.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build:gateway

# The dependencies that are needed at run time; Node itself comes from the image.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production LISTEN_HOST=0.0.0.0
# Keeps idle connections small; bench/README.md has the figures.
ENV NODE_OPTIONS=--max-semi-space-size=16
WORKDIR /app
# Better Auth's database. The rest of the file system may be read-only: docker run --read-only --volume sallyport:/app/data
RUN mkdir data && chown node:node data
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json gateway.config.yaml ./
USER node
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["node", "dist/sallyport.js", "health"]
CMD ["node", "dist/sallyport.js", "start"]
