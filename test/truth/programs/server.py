"""http.server, threading: one JSON line per request. Usage: server.py PORT LOG [CERT KEY]"""
import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILES = {"small": b"s" * 200, "large": b"l" * 102400}
log = open(sys.argv[2], "a", buffering=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms for the first one's acknowledgment

    def parse_request(self):
        self.started = time.time()
        return super().parse_request()

    def answer(self):
        body = FILES.get(self.path.rsplit("/", 1)[-1])
        status = 200 if body is not None else 404
        body = body or b"nothing here"
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if self.close_connection:  # else curl sends its next request into the end of this connection, and then once more
            self.send_header("connection", "close")
        self.end_headers()
        sent = 0 if self.command == "HEAD" else len(body)
        if sent:
            self.wfile.write(body)
        log.write(json.dumps({
            "path": self.path, "method": self.command, "status": status,
            "start": self.started * 1000, "end": time.time() * 1000, "bytes": sent,
        }) + "\n")

    do_GET = do_HEAD = do_POST = do_PUT = answer

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print("ready", flush=True)
server.serve_forever()
