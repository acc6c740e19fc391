"""A loopback HTTP server that behaves as the first part of the path says, and keeps what it was sent."""

import json
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSALS = {"dingtalk": {"errcode": 310000, "errmsg": "sign not match"}, "wecom": {"errcode": 93000},
            "feishu": {"code": 19021, "msg": "sign match fail"}, "sms": {"code": "7"}}  # fmt: skip
GOOD = json.dumps({"errcode": 0, "code": 0, "errmsg": "ok"})
ANSWERS = {
    "refused": json.dumps({"errcode": 310000, "code": 19021, "errmsg": "refused"}),
    "busy": json.dumps({"errcode": 45009, "code": 11232, "errmsg": "too many"}),
    "page": "<html>gateway</html>",
    "empty": "",
    "list": "[0]",
    "null": "null",
    "no_code": '{"errmsg": "ok"}',
    "truth": '{"errcode": false, "code": false}',
    "huge": GOOD + " " * 300_000,
    "bytes": "",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.path, dict(self.headers), body))
        mode = self.path.strip("/").split("/")[0]
        if self.server.broken > 0 and mode == "good":
            self.server.broken -= 1
            mode = "500"
        if mode.isdigit():
            return self._say("{}", int(mode))
        act = getattr(self, f"_{mode}", None)
        return act() if act else self._say(ANSWERS.get(mode, GOOD))

    def _say(self, text, status=200):
        raw = b"\xff\xfe\x00" if self.path.startswith("/bytes") else text.encode()
        self.send_response(status)
        if status in {301, 302}:
            self.send_header("Location", "/good/x")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _hang(self):
        self.server.released.wait(30)
        self.close_connection = True

    def _drip(self):
        """Answer good, a byte at a time, slower than anybody waits."""
        self.send_response(200)
        self.send_header("Content-Length", "2000")
        self.end_headers()
        for _ in range(2000):
            if self.server.released.wait(0.02):
                break
            try:
                self.wfile.write(b" ")
            except OSError:
                break
        self.close_connection = True

    def _short(self):
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(GOOD.encode())
        self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """What a client broke off is part of the tests."""


@contextmanager
def channel_server():
    """Serve on a free port; yields the server with ``url``, ``seen`` and ``broken`` (failures to come)."""
    server = Server(("127.0.0.1", 0), Handler)
    server.seen, server.released, server.broken = [], threading.Event(), 0
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
