# The image: bin/refrain, the jar, and an ahead-of-time cache that a run of the demo creates.
#
#   docker build -t refrain:dev .
#
# It runs as an unprivileged user and writes only to /tmp, which must allow execution:
#
#   docker run --rm --read-only --tmpfs /tmp:exec -p 8080:8080 -p 9090:9090 \
#     -e REFRAIN_UPSTREAM_URL=https://api.openai.com/v1 refrain:dev

FROM maven:3.9-eclipse-temurin-17 AS built
WORKDIR /src
ENV MAVEN_ARGS="-B -q -Dmaven.test.skip -Dspotless.check.skip -Dassembly.skipAssembly -Dcyclonedx.skip"
# A build without sources downloads all that a build needs. Its layer lasts until the pom changes.
COPY pom.xml ./
COPY .mvn .mvn
RUN mvn package
COPY conf conf
COPY src/main src/main
RUN mvn -o package

# The JVM uses the cache only with the same Java, the same jar and the same path.
FROM eclipse-temurin:25-jre-noble AS trained
WORKDIR /opt/refrain
COPY bin/refrain bin/
COPY --from=built /src/target/refrain.jar lib/
RUN REFRAIN_JAVA_OPTS=-XX:AOTCacheOutput=lib/refrain-25.aot bin/refrain demo --exit

FROM eclipse-temurin:25-jre-noble
ARG VERSION=dev
LABEL org.opencontainers.image.title="Refrain" \
  org.opencontainers.image.description="A proxy for OpenAI-style APIs that never pays twice for the same deterministic call." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION"
COPY --from=trained /opt/refrain /opt/refrain
WORKDIR /opt/refrain
# Otherwise a container would answer only itself there.
ENV REFRAIN_MANAGEMENT_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080 9090
# By bash alone: the base promises no curl. Kubernetes ignores this and has probes of its own.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${REFRAIN_MANAGEMENT_PORT:-9090}; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; read -r -u 3 line; [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["/opt/refrain/bin/refrain"]
CMD ["serve"]
