"""A backend on Google's library: prints its port, then one JSON line for each call that it got.

    grpc_server.py [--cert PEM --key PEM --ca PEM] [--unix PATH] ANSWER...

The n-th call gets the n-th ANSWER, the last one for ever after: OK, a name of a status, NAME/SECONDS with a
RetryInfo, or hex of the message to answer with.
"""
import argparse
import base64
import json
import sys
from concurrent import futures

import grpc

parser = argparse.ArgumentParser()
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--ca")
parser.add_argument("--unix")
parser.add_argument("answers", nargs="*", default=["OK"])
args = parser.parse_args()
left = list(args.answers)


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def retry_info(code, seconds):
    info = field(1, b"\x08" + varint(seconds))
    details = field(1, b"type.googleapis.com/google.rpc.RetryInfo") + field(2, info)
    return b"\x08" + varint(code.value[0]) + field(3, details)


def export(message, context):
    print(
        json.dumps(
            {
                "message": base64.b64encode(message).decode(),
                "metadata": {key: str(value) for key, value in context.invocation_metadata()},
                "peer": context.peer(),
                "timeout": context.time_remaining(),
            }
        ),
        flush=True,
    )
    answer = left.pop(0) if len(left) > 1 else left[0]
    name, _, seconds = answer.partition("/")
    if name == "OK":
        return b""
    code = getattr(grpc.StatusCode, name, None)
    if code is None:
        return bytes.fromhex(answer)
    if seconds:
        context.set_trailing_metadata((("grpc-status-details-bin", retry_info(code, int(seconds))),))
    context.abort(code, "no: käse 100%")


class Handler(grpc.GenericRpcHandler):
    def service(self, call):
        if call.method.startswith("/opentelemetry.proto.collector."):
            return grpc.unary_unary_rpc_method_handler(export)
        return None


read = lambda path: open(path, "rb").read() if path else None
server = grpc.server(
    futures.ThreadPoolExecutor(4), (Handler(),), options=[("grpc.max_receive_message_length", -1)]
)
if args.cert:
    credentials = grpc.ssl_server_credentials(
        [(read(args.key), read(args.cert))], read(args.ca), bool(args.ca)
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
elif args.unix:
    port = server.add_insecure_port("unix:" + args.unix)
else:
    port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
sys.stdin.read()  # until the test is gone
server.stop(0)
