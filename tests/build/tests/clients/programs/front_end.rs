//! A front end: a bundler and Node in one stage, files for a web server in the other.

use wharf_build_tests::workshop::Workshop;

use crate::dockerd::start_dockerd;
use crate::programs::debian::{DEBIAN, find_debian, hand_to_dockerd, make_debian, run_command};

/// Packages are kept in cache mounts, as Docker's documentation has it.
const DOCKERFILE: &str = "\
FROM DEBIAN AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    --mount=type=cache,target=/var/lib/apt,sharing=locked \\
    apt-get update && apt-get install --yes --no-install-recommends nodejs esbuild
WORKDIR /app
COPY package.json build.mjs ./
COPY src src
ARG VERSION=unknown
RUN node build.mjs

FROM base
COPY --from=build /app/dist /www
ENTRYPOINT [\"sh\", \"-c\", \"busybox httpd -p 127.0.0.1:8080 -h /www && wget -q -O - http://127.0.0.1:8080/$0\"]
CMD [\"index.html\"]
";

const BUILD: &str = "\
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

mkdirSync('dist', { recursive: true })
const version = JSON.stringify(process.env.VERSION)
execFileSync('esbuild', ['src/main.ts', '--bundle', '--minify', '--outdir=dist', `--define:VERSION=${version}`], { stdio: 'inherit' })
const page = ['main.js', 'main.css'].reduce((page, name) => {
  const hash = createHash('sha256').update(readFileSync(`dist/${name}`)).digest('hex').slice(0, 8)
  const named = name.replace('.', `.${hash}.`)
  renameSync(`dist/${name}`, `dist/${named}`)
  return page.replace(name, named)
}, readFileSync('src/index.html', 'utf8'))
writeFileSync('dist/index.html', page)
cpSync('src/robots.txt', 'dist/robots.txt')
console.log('scripts and styles:', page.match(/main\\.[0-9a-f]{8}\\.(js|css)/g).length)
";

const FILES: &[(&str, &str)] = &[
    ("package.json", "{ \"type\": \"module\" }\n"),
    ("build.mjs", BUILD),
    (
        "src/index.html",
        "<!doctype html><title>Front</title><link rel=stylesheet href=main.css><script src=main.js></script>\n",
    ),
    (
        "src/main.ts",
        "import './main.css'\nimport { greet } from './greet'\ndocument.title = greet(VERSION)\n",
    ),
    (
        "src/greet.ts",
        "export const greet = (version: string): string => `This is ${version}`\ndeclare global { const VERSION: string }\n",
    ),
    ("src/main.css", "body { color: rebeccapurple }\n"),
    ("src/robots.txt", "User-agent: *\n"),
];

#[test]
fn a_front_end_is_bundled_and_served() {
    let dockerd = start_dockerd!();
    let archive = match find_debian() {
        Ok(archive) => archive,
        Err(reason) => wharf_testkit::skip!("no Debian: {reason}"),
    };
    let workshop = Workshop::open();
    make_debian(&workshop, &archive);
    std::fs::create_dir(workshop.context().join("src")).expect("a folder");
    for (name, text) in FILES {
        workshop.write(name, text);
    }
    let dockerfile = DOCKERFILE.replace("DEBIAN", DEBIAN);
    let flags = ["--build-arg", "VERSION=4.5.6"];
    let _ = hand_to_dockerd(&workshop, &dockerd, &dockerfile, "front:1", &flags)
        .expect_text("scripts and styles: 2");

    let page = run_command(&dockerd, "front:1", &[]).stdout;
    let script = page
        .split("src=")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .expect("a script in the page");
    assert!(
        script.starts_with("main.") && script.ends_with(".js"),
        "{script}"
    );
    run_command(&dockerd, "front:1", &[script])
        .expect_text("This is")
        .expect_text("4.5.6");
    run_command(&dockerd, "front:1", &["robots.txt"]).expect_text("User-agent");

    // Neither the bundler nor its packages are in what is shipped.
    let list = ["run", "--rm", "--network", "none", "--entrypoint", "ls"];
    let listed = dockerd.docker.run(list.iter().chain(&["front:1", "/"]));
    let listed = listed.expect_success().stdout;
    assert!(
        listed.contains("www") && !listed.contains("app"),
        "{listed}"
    );
}
