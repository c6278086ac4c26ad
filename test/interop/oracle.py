"""Reads weir's OTLP with OpenTelemetry's own Python classes, and writes the same back.

One request a line, on both sides: in `{signal, protobuf, json}`, out `{unknown, jsonDiffers, protobuf, json}`; protobuf in base64.
"""

import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "traces": ExportTraceServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "logs": ExportLogsServiceRequest,
}
IDS = {"traceId", "spanId", "parentSpanId"}


def map_ids(value, change):
    """Ids are hex in OTLP's JSON and base64 in protobuf's."""
    if isinstance(value, list):
        return [map_ids(one, change) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: change(one) if name in IDS else map_ids(one, change) for name, one in value.items()
    }


def to_base64(text):
    return base64.b64encode(bytes.fromhex(text)).decode()


def to_hex(text):
    return base64.b64decode(text).hex()


def serialized(message):
    return message.SerializeToString(deterministic=True)


def answer(line):
    asked = json.loads(line)
    request = REQUESTS[asked["signal"]]
    message = request.FromString(base64.b64decode(asked["protobuf"]))
    size = message.ByteSize()
    message.DiscardUnknownFields()
    from_json = json_format.ParseDict(map_ids(json.loads(asked["json"]), to_base64), request())
    return {
        "unknown": size - message.ByteSize(),
        "jsonDiffers": serialized(from_json) != serialized(message),
        "protobuf": base64.b64encode(message.SerializeToString()).decode(),
        "json": json.dumps(map_ids(json_format.MessageToDict(message), to_hex)),
    }


for line in sys.stdin:
    print(json.dumps(answer(line)), flush=True)
