#!/usr/bin/env python3
"""Serves a folder of bare git repositories over http, by git's own http-backend (git-http-backend(1)).

    git-http-server.py FOLDER [--listen 127.0.0.1:8418] [--writable] [--password-file FILE]

FOLDER/app.git is http://127.0.0.1:8418/app.git. Reading needs no login unless a password file is given: one line,
USER:PASSWORD. Pushing over http is refused unless --writable; on the same machine push to the folder itself.
Needs git and Python 3.8 or newer, nothing else. For other machines than this one, put TLS in front.
"""

import argparse
import base64
import hmac
import http.server
import os
import subprocess
import sys
import urllib.parse


class Backend(http.server.BaseHTTPRequestHandler):
    """Hands each request to git http-backend as CGI (RFC 3875) and its answer back."""

    protocol_version = "HTTP/1.1"
    server_version = "git-http-server"
    folder = writable = login = None

    def do_GET(self):
        if self.is_allowed():
            self.run_backend(b"")

    def do_POST(self):
        if self.is_allowed():
            self.run_backend(self.read_body())

    def is_allowed(self):
        given = self.headers.get("Authorization", "")
        if self.login is None or hmac.compare_digest(given.encode(), self.login):
            return True
        self.close_connection = True
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def read_body(self):
        """What the client sent; git sends large packs in chunks (RFC 9112, 7.1)."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(body)

    def run_backend(self, body):
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "GIT_PROJECT_ROOT": self.folder,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": urllib.parse.unquote(path),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": self.client_address[0],
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true" if self.writable else "false",
        }
        backend = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE, check=False
        )
        head, _, content = backend.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line]
        status = next((value for name, value in fields if name == "Status"), "200 OK" if fields else "500 Failed")
        self.close_connection = True
        self.send_response(int(status.split()[0]))
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--listen", default="127.0.0.1:8418")
    parser.add_argument("--writable", action="store_true")
    parser.add_argument("--password-file")
    arguments = parser.parse_args()
    Backend.folder = os.path.abspath(arguments.folder)
    Backend.writable = arguments.writable
    if arguments.password_file:
        with open(arguments.password_file, "rb") as file:
            Backend.login = b"Basic " + base64.b64encode(file.readline().strip())
    host, _, port = arguments.listen.rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Backend)
    print(f"serving {Backend.folder} at http://{host}:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
