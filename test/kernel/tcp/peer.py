"""Both ends of TCP connections in one process, played step by step.

Reads one JSON list of steps per line from stdin, makes a new connection, plays them, closes what is open, and answers
with one JSON object: the ports, and what each moving step returned. A step is [who, how, what]:

  ["client" | "server", "send" ... , text | [texts]]    sends that way; the other end then receives it all, unless ...
  ["client" | "server", "recv" ..., bytes]              ... `quiet` was the step before
  ["client" | "server", "shutdown" | "close" | "reset", null]
  [any, "pause", null]                                  prints "paused", and goes on after a line

"client2" and "server2" are the ends of a second connection to the same port, "listener2" a second socket that listens on it
(SO_REUSEPORT, family "reuseport"). "many": so many connections more, each with an exchange, that are open until the end.
"""

import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from mmsghdr import MSG_WAITFORONE, libc, messages  # noqa: E402

MSG_ZEROCOPY = 0x4000000
IPPROTO_MPTCP = 262


def by_sendmmsg(sock, parts):
    buffers = [ctypes.create_string_buffer(part, len(part)) for part in parts]
    array = messages(buffers)
    done = libc.sendmmsg(sock.fileno(), array, len(array), 0)
    return sum(message.length for message in array[:done])


def by_sendfile(sock, data):
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return os.sendfile(sock.fileno(), file.fileno(), 0, len(data))


def by_splice(sock, data):
    read_end, write_end = os.pipe()
    os.write(write_end, data)
    done = os.splice(read_end, sock.fileno(), len(data))
    os.close(read_end)
    os.close(write_end)
    return done


def by_zerocopy(sock, data):
    sock.setsockopt(socket.SOL_SOCKET, 60, 1)  # SO_ZEROCOPY
    return sock.send(data, MSG_ZEROCOPY)


def until_full(sock, data):
    """More than the socket takes: a partial write, then EAGAIN."""
    sock.setblocking(False)
    done = sock.send(data * 4096)
    try:
        while True:
            done += sock.send(data * 4096)
    except BlockingIOError:
        sock.setblocking(True)
    return done


SENDS = {
    "write": lambda sock, data: os.write(sock.fileno(), data),
    "send": lambda sock, data: sock.send(data),
    "sendto": lambda sock, data: sock.send(data, socket.MSG_NOSIGNAL),
    "writev": lambda sock, parts: os.writev(sock.fileno(), parts),
    "sendmsg": lambda sock, parts: sock.sendmsg(parts),
    "sendmmsg": by_sendmmsg,
    "sendfile": by_sendfile,
    "splice": by_splice,
    "zerocopy": by_zerocopy,
    "until_full": until_full,
    "dup": lambda sock, data: os.write(os.dup(sock.fileno()), data),
}


def into(sizes, call):
    buffers = [bytearray(size) for size in sizes]
    return call(buffers)


def by_recvmmsg(sock, sizes):
    buffers = [ctypes.create_string_buffer(size) for size in sizes]
    array = messages(buffers)
    done = libc.recvmmsg(sock.fileno(), array, len(array), MSG_WAITFORONE, None)
    return sum(message.length for message in array[:done])


def from_splice(sock, size):
    read_end, write_end = os.pipe()
    done = os.splice(sock.fileno(), write_end, size)
    os.close(read_end)
    os.close(write_end)
    return done


def peek_then_recv(sock, size):
    sock.recv(size, socket.MSG_PEEK)
    return len(sock.recv(size))


def again_then_recv(sock, size):
    """A read that finds nothing is no call that moves bytes: made on the other end's empty socket before."""
    sock.setblocking(False)
    done = len(sock.recv(size))
    try:
        sock.recv(size)
    except BlockingIOError:
        sock.setblocking(True)
    return done


RECVS = {
    "read": lambda sock, size: len(os.read(sock.fileno(), size)),
    "recv": lambda sock, size: len(sock.recv(size)),
    "recvfrom": lambda sock, size: len(sock.recv(size, socket.MSG_NOSIGNAL)),
    "readv": lambda sock, sizes: into(sizes, lambda to: os.readv(sock.fileno(), to)),
    "recvmsg": lambda sock, sizes: into(sizes, lambda to: sock.recvmsg_into(to)[0]),
    "recvmmsg": by_recvmmsg,
    "splice_from": from_splice,
    "peek": peek_then_recv,
    "trunc": lambda sock, size: libc.recv(sock.fileno(), None, size, socket.MSG_TRUNC),
    "again": again_then_recv,
}


def connect(family):
    """The listeners, and both ends of a connection."""
    if family == "reuseport":
        first = socket.create_server(("127.0.0.1", 0), reuse_port=True)
        listeners = [first, socket.create_server(first.getsockname(), reuse_port=True)]
        client = socket.create_connection(first.getsockname())
        ready, _, _ = select.select(listeners, [], [])
        return listeners, client, ready[0].accept()[0]
    if family == "mptcp":
        listener, client = (socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) for _ in range(2))
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client.connect(listener.getsockname())
    elif family == "mapped":
        listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        client = socket.create_connection(("127.0.0.1", listener.getsockname()[1]))
    else:
        v6 = family == "v6"
        listener = socket.create_server(("::1" if v6 else "127.0.0.1", 0), family=socket.AF_INET6 if v6 else socket.AF_INET)
        client = socket.create_connection(listener.getsockname()[:2])
    server, _ = listener.accept()
    return [listener], client, server


def encoded(what):
    return [part.encode("latin-1") for part in what] if isinstance(what, list) else what.encode("latin-1")


def drain(sock, left):
    while left > 0:
        left -= len(sock.recv(1 << 20))


def in_child(sock, data):
    """Accepted in one process, served in another."""
    child = os.fork()
    if child == 0:
        sock.send(data)
        os._exit(0)
    os.waitpid(child, 0)
    return len(data)


def by_passed(sock, data):
    """By a process that had nothing to do with the connection until it was handed over (SCM_RIGHTS)."""
    mine, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        sock.close()
        _, (handed, *_), _, _ = socket.recv_fds(theirs, 1, 1)
        os.write(handed, data)
        os._exit(0)
    socket.send_fds(mine, [b"x"], [sock.fileno()])
    os.waitpid(child, 0)
    mine.close()
    theirs.close()
    return len(data)


def recv_in_child(sock, size):
    child = os.fork()
    if child == 0:
        os._exit(len(sock.recv(size)))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def by_program(sock, what):
    """[program, text]: that program sends the text."""
    program, text = (part.decode("latin-1") for part in what)
    subprocess.run([program, str(sock.fileno()), text], pass_fds=[sock.fileno()], check=True)
    return len(text)


SENDS["program"] = by_program
SENDS["child"] = in_child
SENDS["passed"] = by_passed
RECVS["recv_in_child"] = recv_in_child


def exchange(listener):
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    request, response = b"GET /many HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"
    client.send(request)
    drain(server, len(request))
    server.send(response)
    drain(client, len(response))
    return client, server


def play(steps, family, many):
    listeners, client, server = connect(family)
    listener = listeners[0]
    ends = {"client": client, "server": server, "listener2": listeners[-1]}
    more = [end for _ in range(many) for end in exchange(listener)]
    others = {"client": "server", "server": "client", "client2": "server2", "server2": "client2"}
    if any(who in ("client2", "server2") for who, _, _ in steps):
        ends["client2"] = socket.create_connection(listener.getsockname()[:2])
        ends["server2"], _ = listener.accept()
    moved, quiet = [], False
    for who, how, what in steps:
        sock = ends[who]
        if how == "quiet":
            quiet = True
        elif how in SENDS:
            moved.append(SENDS[how](sock, encoded(what)))
            if not quiet:
                drain(ends[others[who]], moved[-1])
            quiet = False
        elif how in RECVS:
            moved.append(RECVS[how](sock, what))
        elif how == "shutdown":
            sock.shutdown(socket.SHUT_WR)
        elif how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        elif how == "close":
            sock.close()
        elif how == "pause":
            print(json.dumps("paused"), flush=True)
            sys.stdin.readline()
    ports = {"server": listener.getsockname()[1], "client": client.getsockname()[1] if client.fileno() >= 0 else 0}
    for sock in (*ends.values(), *listeners, *more):
        sock.close()
    return {**ports, "moved": moved}


while line := sys.stdin.readline():
    request = json.loads(line)
    try:
        answer = play(request["steps"], request["family"], request["many"])
    except Exception as error:  # told to the test, which fails by it
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
