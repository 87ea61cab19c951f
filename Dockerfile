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
COPY pom.xml ./
COPY .mvn .mvn
COPY conf conf
COPY src/main src/main
RUN mvn -B -q -Dmaven.test.skip -Dspotless.check.skip package

# The JVM uses the cache only with the same Java, the same jar and the same path.
FROM eclipse-temurin:25-jre-noble AS trained
WORKDIR /opt/refrain
COPY bin/refrain bin/
COPY --from=built /src/target/refrain.jar target/
RUN REFRAIN_JAVA_OPTS=-XX:AOTCacheOutput=target/refrain-25.aot bin/refrain demo --exit

FROM eclipse-temurin:25-jre-noble
COPY --from=trained /opt/refrain /opt/refrain
WORKDIR /opt/refrain
USER 10001:10001
EXPOSE 8080 9090
ENTRYPOINT ["/opt/refrain/bin/refrain"]
CMD ["serve"]
