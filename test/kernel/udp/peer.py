"""Both ends of UDP sockets in one process.

Reads one JSON object per line from stdin: {"family", "peers", "ask", "take", "say", "hear", "texts"}. A client sends each of the texts
by "ask", the server takes them by "take" and sends them back by "say" in capitals, the client takes these by "hear". "peers" is true if
the client's socket is connected. Answers with one JSON object: the ports of both.
"""

import ctypes
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from mmsghdr import MSG_WAITFORONE, libc, messages  # noqa: E402

ROOM = 2048
ADDRESSES = {"v4": "127.0.0.1", "v6": "::1", "mapped": "::ffff:127.0.0.1"}


def halves(text):
    return [text[: len(text) // 2], text[len(text) // 2 :]]


def sendmmsg(sock, texts):
    buffers = [ctypes.create_string_buffer(text, len(text)) for text in texts]
    if libc.sendmmsg(sock.fileno(), messages(buffers), len(texts), 0) != len(texts):
        raise OSError("sendmmsg sent less")


def recvmmsg(sock, number):
    buffers = [ctypes.create_string_buffer(ROOM) for _ in range(number)]
    array = messages(buffers)
    if libc.recvmmsg(sock.fileno(), array, number, MSG_WAITFORONE, None) != number:
        raise OSError("recvmmsg took less")
    return [(buffer.raw[: message.length], None) for buffer, message in zip(buffers, array)]


def each(send):
    def send_all(sock, texts, to):
        for text in texts:
            send(sock, text, to)

    return send_all


SENDS = {
    "send": each(lambda sock, text, _: sock.send(text)),
    "write": each(lambda sock, text, _: os.write(sock.fileno(), text)),
    "writev": each(lambda sock, text, _: os.writev(sock.fileno(), halves(text))),
    "sendto": each(lambda sock, text, to: sock.sendto(text, to)),
    "sendmsg": each(lambda sock, text, to: sock.sendmsg(halves(text), [], 0, to)),
    "sendmmsg": lambda sock, texts, _: sendmmsg(sock, texts),
}


def by_readv(sock):
    buffers = [bytearray(5), bytearray(ROOM)]
    size = os.readv(sock.fileno(), buffers)
    return b"".join(buffers)[:size], None


def by_recvmsg(sock):
    data, _, _, sender = sock.recvmsg(ROOM)
    return data, sender


def by_peek(sock):
    sock.recv(ROOM, socket.MSG_PEEK)
    return sock.recvfrom(ROOM)


RECEIVES = {
    "recv": lambda sock: (sock.recv(ROOM), None),
    "read": lambda sock: (os.read(sock.fileno(), ROOM), None),
    "readv": by_readv,
    "recvfrom": lambda sock: sock.recvfrom(ROOM),
    "recvmsg": by_recvmsg,
    "peek": by_peek,
}


def take(sock, how, number):
    return recvmmsg(sock, number) if how == "recvmmsg" else [RECEIVES[how](sock) for _ in range(number)]


def play(family, peers, ask, take_by, say, hear, texts):
    kind = socket.AF_INET if family == "v4" else socket.AF_INET6
    server, client = (socket.socket(kind, socket.SOCK_DGRAM) for _ in range(2))
    server.bind((ADDRESSES[family], 0))
    client.bind((ADDRESSES[family], 0))
    if peers:
        client.connect(server.getsockname()[:2])
    ports = {"server": server.getsockname()[1], "client": client.getsockname()[1]}
    print(json.dumps(ports), flush=True)
    sys.stdin.readline()
    SENDS[ask](client, [text.encode() for text in texts], None if peers else server.getsockname()[:2])
    taken = take(server, take_by, len(texts))
    back = next((sender for _, sender in taken if sender), client.getsockname())[:2]
    SENDS[say](server, [data.upper() for data, _ in taken], back)
    heard = take(client, hear, len(texts))
    for sock in (server, client):
        sock.close()
    return [data.decode() for data, _ in heard]


while line := sys.stdin.readline():
    request = json.loads(line)
    try:
        answer = play(*(request[key] for key in ("family", "peers", "ask", "take", "say", "hear", "texts")))
    except Exception as error:  # told to the test, which fails by it
        answer = repr(error)
    print(json.dumps(answer), flush=True)
