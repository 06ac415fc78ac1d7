# The bridge in a container: one process, not root, everything that lasts in /data.
#
#   docker run -v ./config.yaml:/config/config.yaml:ro -v bridge:/data -p 127.0.0.1:8080:8080 --env-file .env --read-only IMAGE
#
# Keep server.host and server.port of the config at 0.0.0.0 and 8080 in here, and map the port outside.

FROM node:24-slim AS build
WORKDIR /app
# The dependencies change less often than the code: a layer of their own.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY adapters adapters
RUN npm run build
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# `storage: sqlite:data/bridge.db`, the default, is thus a file in the volume, here as everywhere else.
RUN mkdir /data && chown node:node /data && ln -s /data data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell and without npm in between: signals reach node, which stops gracefully within 10 s.
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["start", "--config", "/config/config.yaml"]
