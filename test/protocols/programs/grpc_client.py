"""A client of all four kinds of gRPC's calls on Google's library: grpc_client.py PORT ROUNDS"""
import sys

import grpc

port, rounds = sys.argv[1], int(sys.argv[2])
channel = grpc.insecure_channel(f"127.0.0.1:{port}")
one = channel.unary_unary("/weir.test.Shop/One")
many = channel.stream_unary("/weir.test.Shop/Many")
listed = channel.unary_stream("/weir.test.Shop/List")
talk = channel.stream_stream("/weir.test.Shop/Talk")
fail = channel.unary_unary("/weir.test.Shop/Fail")
WORDS = [b"x", b"y", b"z"]

print("ready", flush=True)
sys.stdin.readline()
for _ in range(rounds):
    assert one(b"x") == b"x"
    assert many(iter(WORDS)) == b"all"
    assert list(listed(b"x")) == [b"a", b"b", b"c"]
    assert list(talk(iter(WORDS))) == WORDS
    try:
        fail(b"x")
        raise AssertionError("it did not fail")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
sys.stdin.readline()
channel.close()
