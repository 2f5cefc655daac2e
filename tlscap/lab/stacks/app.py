"""A small HTTP application: `app.py ADDRESS PORT`, plain HTTP, for a proxy in front that ends TLS.

`/open` answers anybody, `/open/3` after three seconds; every other path turns a request away (403) whose client
certificate headers are missing.
It logs a line per request: status, and the client's port as the proxy told it.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        person = self.headers.get("X-SSL-Client-CN")
        welcome = person or self.path.startswith("/open")
        if self.path.startswith("/open/"):
            time.sleep(float(self.path.removeprefix("/open/")))
        body = f"hello {person}\n" if welcome else "no client certificate\n"
        self.send_response(200 if welcome else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_OPTIONS = do_GET

    def log_request(self, code: object = "-", size: object = "-") -> None:
        print(f"status={int(str(code))} client_port={self.headers.get('X-Client-Port')}", flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Server((sys.argv[1], int(sys.argv[2])), App).serve_forever()
