//! A web application in Python whose libraries come from the distribution.

use crate::dockerd::start_dockerd;
use crate::programs::debian::{DEBIAN, find_debian, for_everybody, hand_to_dockerd, run_command};

const DOCKERFILE: &str = "\
FROM DEBIAN
RUN apt-get update \\
    && apt-get install --yes --no-install-recommends python3 python3-bottle \\
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --shell /usr/sbin/nologin app
WORKDIR /srv/app
COPY --chown=app:app . .
RUN python3 -m compileall -q . && python3 -m unittest -q
USER app
ENV PORT=8080
EXPOSE 8080
CMD [\"python3\", \"app.py\"]
";

const APP: &str = "\
import os
from bottle import Bottle, template

app = Bottle()

@app.get('/hello/<name>')
def hello(name):
    return template('Hello {{name}}, from {{user}}!', name=name, user=os.environ['HOME'])

if __name__ == '__main__':
    app.run(host='127.0.0.1', port=int(os.environ['PORT']))
";

const TEST: &str = "\
import unittest
from app import hello

class Hello(unittest.TestCase):
    def test_names_are_escaped(self):
        self.assertIn('&lt;b&gt;', hello('<b>'))
";

/// Starts the application as the image says, and is its first visitor.
const VISIT: &str = "\
import subprocess, sys, time, urllib.request

server = subprocess.Popen([sys.executable, 'app.py'])
try:
    for attempt in range(300):
        try:
            print(urllib.request.urlopen('http://127.0.0.1:8080/hello/World').read().decode())
            break
        except OSError:
            time.sleep(0.1)
finally:
    server.terminate()
";

#[test]
fn a_python_application_with_packages_of_the_distribution_answers() {
    let dockerd = start_dockerd!();
    let archive = match find_debian() {
        Ok(archive) => archive,
        Err(reason) => wharf_testkit::skip!("no Debian: {reason}"),
    };
    let dockerfile = DOCKERFILE.replace("DEBIAN", DEBIAN);
    for_everybody(&archive, |workshop| {
        for (name, text) in [("app.py", APP), ("test_app.py", TEST), ("visit.py", VISIT)] {
            workshop.write(name, text);
        }
        let _ = hand_to_dockerd(workshop, &dockerd, &dockerfile, "python-app:1", &[]);
        run_command(&dockerd, "python-app:1", &["python3", "visit.py"])
            .expect_text("Hello World, from /home/app!");

        // A change of the program does not install anything again.
        workshop.write("app.py", APP.replace("Hello {{", "Welcome {{"));
        let again = hand_to_dockerd(workshop, &dockerd, &dockerfile, "python-app:2", &[]);
        assert!(again.log.matches(" CACHED").count() >= 2, "{}", again.log);
        let _ = again.refute_text("Setting up python3");
        run_command(&dockerd, "python-app:2", &["python3", "visit.py"])
            .expect_text("Welcome World, from /home/app!");
    });
}
