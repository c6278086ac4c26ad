// Sends one of everything that an SDK makes, twice: to OTEL_EXPORTER_OTLP_ENDPOINT, and to DIRECT_ENDPOINT over HTTP.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const scopeName = "weir.test/go"

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func isGrpc() bool { return os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" }

// straight makes an exporter for DIRECT_ENDPOINT, which is plain: exporters refuse to be given a certificate there.
func straight[T any](make func() (T, error)) T {
	const name = "OTEL_EXPORTER_OTLP_CERTIFICATE"
	if file, found := os.LookupEnv(name); found {
		os.Unsetenv(name)
		defer os.Setenv(name, file)
	}
	return must(make())
}

func sendTraces(ctx context.Context, direct string, res *resource.Resource) error {
	var exporter sdktrace.SpanExporter
	if isGrpc() {
		exporter = must(otlptracegrpc.New(ctx))
	} else {
		exporter = must(otlptracehttp.New(ctx))
	}
	second := straight(func() (*otlptrace.Exporter, error) {
		return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(direct+"/v1/traces"))
	})
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res),
		sdktrace.WithBatcher(exporter), sdktrace.WithBatcher(second))
	tracer := provider.Tracer(scopeName, trace.WithInstrumentationVersion("1.2"), trace.WithSchemaURL("https://opentelemetry.io/schemas/1.30.0"))
	parentCtx, parent := tracer.Start(ctx, "GET /items", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("text", "grüße"), attribute.Int64("int", -1<<62), attribute.Bool("bool", true),
			attribute.Float64("double", 0.1), attribute.StringSlice("list", []string{"a", ""}), attribute.Int64Slice("ints", []int64{1, 1 << 60})))
	parent.AddEvent("cache miss", trace.WithAttributes(attribute.String("key", "k")))
	_, child := tracer.Start(parentCtx, "SELECT", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithLinks(trace.LinkFromContext(parentCtx, attribute.Int("n", 1))))
	child.RecordError(errors.New("no rows"))
	child.SetStatus(codes.Error, "no rows")
	child.End()
	parent.End()
	return provider.Shutdown(ctx)
}

func sendMetrics(ctx context.Context, direct string, res *resource.Resource) error {
	var exporter sdkmetric.Exporter
	if isGrpc() {
		exporter = must(otlpmetricgrpc.New(ctx))
	} else {
		exporter = must(otlpmetrichttp.New(ctx))
	}
	second := straight(func() (*otlpmetrichttp.Exporter, error) {
		return otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(direct+"/v1/metrics"))
	})
	reader := sdkmetric.NewManualReader()
	exponential := sdkmetric.NewView(sdkmetric.Instrument{Name: "size"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}})
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithResource(res), sdkmetric.WithReader(reader), sdkmetric.WithView(exponential))
	meter := provider.Meter(scopeName)
	which := metric.WithAttributes(attribute.String("which", "one"))
	must(meter.Int64Counter("requests", metric.WithUnit("1"))).Add(ctx, 3, which)
	must(meter.Float64UpDownCounter("queue")).Add(ctx, -1.5, which)
	duration := must(meter.Float64Histogram("duration", metric.WithUnit("s"), metric.WithDescription("how long")))
	size := must(meter.Int64Histogram("size"))
	for _, value := range []int64{0, 1, 7, 1 << 40} {
		duration.Record(ctx, float64(value)/3, which)
		size.Record(ctx, value, which)
	}
	must(meter.Int64Gauge("temperature")).Record(ctx, -40, which)
	var data metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &data); err != nil {
		return err
	}
	return errors.Join(exporter.Export(ctx, &data), second.Export(ctx, &data), exporter.Shutdown(ctx), second.Shutdown(ctx))
}

func sendLogs(ctx context.Context, direct string, res *resource.Resource) error {
	var exporter sdklog.Exporter
	if isGrpc() {
		exporter = must(otlploggrpc.New(ctx))
	} else {
		exporter = must(otlploghttp.New(ctx))
	}
	second := straight(func() (*otlploghttp.Exporter, error) {
		return otlploghttp.New(ctx, otlploghttp.WithEndpointURL(direct+"/v1/logs"))
	})
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(res),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)), sdklog.WithProcessor(sdklog.NewBatchProcessor(second)))
	var record otellog.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(otellog.SeverityWarn2)
	record.SetSeverityText("WARN")
	record.SetBody(attribute.MapValue(attribute.String("user", "ü"), attribute.ByteSlice("raw", []byte{0, 255}),
		attribute.Slice("list", attribute.Int64Value(1), attribute.Float64Value(2.5), attribute.BoolValue(false))))
	record.AddAttributes(attribute.Int64("n", 1<<60))
	record.SetEventName("user.login")
	provider.Logger(scopeName).Emit(ctx, record)
	return provider.Shutdown(ctx)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	direct := os.Getenv("DIRECT_ENDPOINT")
	res := must(resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK()))
	for _, send := range []func(context.Context, string, *resource.Resource) error{sendTraces, sendMetrics, sendLogs} {
		if err := send(ctx, direct, res); err != nil {
			log.Fatal(err)
		}
	}
}
