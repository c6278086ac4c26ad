"""Sends one call with Google's library: what it answers goes to stdout as JSON.

    grpc_client.py TARGET METHOD [--file PATH] [--compression NAME] [--ca PEM --cert PEM --key PEM] [--header K=V] [--times N]
"""
import argparse
import base64
import json
import sys

import grpc

parser = argparse.ArgumentParser()
parser.add_argument("target")
parser.add_argument("method")
parser.add_argument("--compression", default="NoCompression")
parser.add_argument("--ca")
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--header", action="append", default=[])
parser.add_argument("--times", type=int, default=1)
args = parser.parse_args()

message = sys.stdin.buffer.read()
read = lambda path: open(path, "rb").read() if path else None
options = [("grpc.max_send_message_length", -1)]
if args.ca:
    credentials = grpc.ssl_channel_credentials(read(args.ca), read(args.key), read(args.cert))
    channel = grpc.secure_channel(args.target, credentials, options)
else:
    channel = grpc.insecure_channel(args.target, options)
call = channel.unary_unary(args.method)
compression = getattr(grpc.Compression, args.compression)
metadata = [tuple(header.split("=", 1)) for header in args.header]


def answer():
    try:
        body = call(message, timeout=10, compression=compression, metadata=metadata)
        return {"code": "OK", "bytes": len(body)}
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or [])
        details = trailers.get("grpc-status-details-bin")
        return {
            "code": error.code().name,
            "message": error.details(),
            "details": base64.b64encode(details).decode() if details else None,
        }


answers = [answer() for _ in range(args.times)]
print(json.dumps(answers[0] if args.times == 1 else answers))
