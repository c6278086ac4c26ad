"""Takes OTLP with OpenTelemetry's own Python classes, keeps what it gets by the way it came, and gives it back flat.

HTTP: POST /<way>/v1/<signal>, protobuf or JSON, gzip or not; GET /take gives {way: {signal: [item]}} and forgets it.
gRPC: the way is `grpc`. Prints the two ports as JSON.
"""

import base64
import gzip
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc

MESSAGES = {
    "traces": (traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse),
    "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
}
LISTS = {
    "traces": ("resourceSpans", "scopeSpans", "spans"),
    "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
    "logs": ("resourceLogs", "scopeLogs", "logRecords"),
}
IDS = {"traceId", "spanId", "parentSpanId"}

lock = threading.Lock()
taken = {}


def with_base64_ids(value, key=None):
    """OTLP's JSON has ids in hex where protobuf's JSON has base64."""
    if isinstance(value, dict):
        return {name: with_base64_ids(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [with_base64_ids(one) for one in value]
    if key in IDS:
        return base64.b64encode(bytes.fromhex(value)).decode()
    return value


def flatten(signal, message):
    """Each item with its resource and scope: how they were grouped does not matter."""
    of_resource, of_scope, items = LISTS[signal]
    request = json_format.MessageToDict(message)
    for resource in request.get(of_resource, []):
        for scope in resource.get(of_scope, []):
            for item in scope.get(items, []):
                around = [
                    resource.get("resource"),
                    resource.get("schemaUrl"),
                    scope.get("scope"),
                    scope.get("schemaUrl"),
                ]
                yield {"around": around, "item": item}


def keep(way, signal, message):
    with lock:
        taken.setdefault(way, {}).setdefault(signal, []).extend(flatten(signal, message))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        _, way, _, signal = self.path.split("/")
        body = self.body()
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request, response = MESSAGES[signal]
        if self.headers["content-type"].startswith("application/json"):
            message = json_format.ParseDict(with_base64_ids(json.loads(body)), request())
            self.answer(b"{}", "application/json")
        else:
            message = request.FromString(body)
            self.answer(response().SerializeToString(), "application/x-protobuf")
        keep(way, signal, message)

    def body(self):
        if "content-length" in self.headers:
            return self.rfile.read(int(self.headers["content-length"]))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def do_GET(self):
        with lock:
            text = json.dumps(taken)
            taken.clear()
        self.answer(text.encode(), "application/json")

    def answer(self, body, content_type):
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def servicer(base, signal):
    def export(_self, request, _context):
        keep("grpc", signal, request)
        return MESSAGES[signal][1]()

    return type(signal, (base,), {"Export": export})()


def main():
    over_grpc = grpc.server(ThreadPoolExecutor(4))
    traces_grpc.add_TraceServiceServicer_to_server(
        servicer(traces_grpc.TraceServiceServicer, "traces"), over_grpc
    )
    metrics_grpc.add_MetricsServiceServicer_to_server(
        servicer(metrics_grpc.MetricsServiceServicer, "metrics"), over_grpc
    )
    logs_grpc.add_LogsServiceServicer_to_server(
        servicer(logs_grpc.LogsServiceServicer, "logs"), over_grpc
    )
    grpc_port = over_grpc.add_insecure_port("127.0.0.1:0")
    over_grpc.start()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(json.dumps({"http": server.server_port, "grpc": grpc_port}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until the one that started it goes away


main()
