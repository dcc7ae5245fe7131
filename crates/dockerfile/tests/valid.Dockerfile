# syntax=docker/dockerfile:1
# check=skip=JSONArgsRecommended
ARG VERSION=1.2 BASE=alpine
# build compiles
FROM --platform=$BUILDPLATFORM ${BASE}:${VERSION%.*} AS build
ARG TARGETARCH
WORKDIR /src
ENV PATH="/opt/bin:$PATH" \
    # a comment inside
    LANG='C.UTF-8'
COPY --link --chown=1000:1000 --exclude=*.md . .
ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 https://example.com/a.tar.gz /tmp/
RUN --mount=type=cache,target=/root/.cache,sharing=locked \
    --mount=type=secret,id=token,env=TOKEN --network=none \
    make ARCH=${TARGETARCH} && echo "done"
RUN <<-EOF
	set -e
	echo $HOME
	EOF
RUN ["/bin/true", "a b"]

FROM scratch AS files
COPY <<one <<"two" /etc/
a ${VERSION:-none}
one
b $literal
two

FROM build AS test
ONBUILD COPY --from=files /etc/one /
HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f http://localhost/ || exit 1
SHELL ["/bin/bash", "-c"]

FROM test
LABEL org.example.name="a name" org.example.version="${VERSION:-0}"
EXPOSE 80 8000-8002/udp
VOLUME ["/data"]
USER app:app
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app"]
CMD serve --port 80
