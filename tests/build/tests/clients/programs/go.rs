//! A Go program: a compiler in one stage, its program alone in the other.

use std::path::Path;

use crate::dockerd::start_dockerd;
use crate::scene::Scene;

const DOCKERFILE: &str = "\
FROM base AS build
COPY --from=go . /usr/local/go
ENV PATH=/usr/local/go/bin:/bin CGO_ENABLED=0 GOFLAGS=-mod=mod GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN --mount=type=cache,target=/root/.cache/go-build go build -trimpath -ldflags \"-s -w -X main.version=${VERSION}\" -o /out/hello .

FROM scratch
COPY --from=build --chown=65532:65532 /out/hello /hello
USER 65532:65532
ENTRYPOINT [\"/hello\"]
";

const MAIN: &str = "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar version string\n\nfunc main() {\n\tfmt.Println(\"hello from\", version, \"as\", os.Getuid())\n}\n";

#[test]
fn a_go_program_of_two_stages_runs() {
    let dockerd = start_dockerd!();
    let go = Path::new("/usr/local/go");
    if !go.join("bin/go").exists() {
        wharf_testkit::skip!("Go is not in /usr/local/go");
    }
    let scene = Scene::start();
    scene
        .workshop
        .write("go.mod", "module example.org/hello\n\ngo 1.20\n");
    scene.workshop.write("main.go", MAIN);
    let image = scene.site.image("hello:1");
    let flags = [
        "--build-context",
        "go=/usr/local/go",
        "--build-arg",
        "VERSION=1.2.3",
        "-t",
        &image,
        "--push",
    ];
    let _ = scene.workshop.build(DOCKERFILE, &flags).expect_success();
    let login = scene.site.alice.login();
    crate::client::log_in_by_stdin(&dockerd.docker, &["login"], scene.site.address(), &login)
        .expect_success();
    dockerd.docker.run(["pull", &image]).expect_success();
    dockerd
        .run_image(&image)
        .expect_text("hello from 1.2.3 as 65532");
}
