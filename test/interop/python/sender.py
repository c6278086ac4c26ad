"""Sends one of everything that an SDK makes, twice: to OTEL_EXPORTER_OTLP_ENDPOINT, and to DIRECT_ENDPOINT over HTTP."""

import os
import time

from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc_logs
from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc_metrics
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_traces
from opentelemetry.exporter.otlp.proto.http import _log_exporter as http_logs
from opentelemetry.exporter.otlp.proto.http import metric_exporter as http_metrics
from opentelemetry.exporter.otlp.proto.http import trace_exporter as http_traces
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

DIRECT = os.environ["DIRECT_ENDPOINT"]
OVER_GRPC = os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"
RESOURCE = Resource.create({"service.name": "interop-python", "host.cpu.count": 2})


def send(data, over_grpc, over_http, path):
    for exporter in (over_grpc() if OVER_GRPC else over_http(), over_http(endpoint=DIRECT + path)):
        result = exporter.export(data)
        assert result.name == "SUCCESS", result
        exporter.shutdown()


def make_spans():
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("weir.test/python", "1.2", "https://schema")
    attributes = {
        "text": "grüße",
        "int": -(2**62),
        "bool": True,
        "double": 0.1,
        "list": ["a", ""],
        "ints": [1, 2**60],
    }
    parent = tracer.start_span("GET /items", kind=trace.SpanKind.SERVER, attributes=attributes)
    parent.add_event("cache miss", {"key": "k"})
    child = tracer.start_span(
        "SELECT",
        context=trace.set_span_in_context(parent),
        kind=trace.SpanKind.CLIENT,
        links=[trace.Link(parent.get_span_context(), {"n": 1})],
    )
    child.record_exception(ValueError("no rows"))
    child.set_status(trace.Status(trace.StatusCode.ERROR, "no rows"))
    child.end()
    parent.end()
    return memory.get_finished_spans()


def make_metrics():
    reader = InMemoryMetricReader()
    exponential = View(instrument_name="size", aggregation=ExponentialBucketHistogramAggregation())
    provider = MeterProvider([reader], RESOURCE, views=[exponential])
    meter = provider.get_meter("weir.test/python")
    which = {"which": "one"}
    meter.create_counter("requests", "1").add(3, which)
    meter.create_up_down_counter("queue").add(-1.5, which)
    meter.create_gauge("temperature").set(-40, which)
    duration = meter.create_histogram("duration", "s", "how long")
    size = meter.create_histogram("size")
    for value in (0, 1, 7, 2**40):
        duration.record(value / 3, which)
        size.record(value, which)
    return reader.get_metrics_data()


def make_logs():
    memory = InMemoryLogRecordExporter()
    provider = LoggerProvider(RESOURCE)
    provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
    provider.get_logger("weir.test/python").emit(
        LogRecord(
            timestamp=time.time_ns(),
            event_name="user.login",
            severity_number=SeverityNumber.WARN2,
            severity_text="WARN",
            body={"user": "ü", "list": [1, 2.5, False], "raw": b"\0\xff"},
            attributes={"n": 2**60, "nested": {"deep": [{"a": 1}]}},
        )
    )
    return memory.get_finished_logs()


send(make_spans(), grpc_traces.OTLPSpanExporter, http_traces.OTLPSpanExporter, "/v1/traces")
send(make_metrics(), grpc_metrics.OTLPMetricExporter, http_metrics.OTLPMetricExporter, "/v1/metrics")
send(make_logs(), grpc_logs.OTLPLogExporter, http_logs.OTLPLogExporter, "/v1/logs")
