"""Opens many connections at once, over several processes, with one conversation on each. Usage: many.py CONNECTIONS CONVERSATIONS

CONVERSATIONS is JSON: a list of them, taken in turn, each a list of what is said, as [side, Latin-1 text], where NAME stands for a
name that no other connection has. Prints the ports that serve; then, for each line from stdin: opens them all and prints "open";
closes them and prints "closed".
"""

import json
import os
import resource
import socket
import sys

PER_PROCESS = 12500  # below a limit of 20,000 descriptors


def say(end, side, name, conversation):
    """Plays one side, which reads what the other one says to its last byte."""
    for speaker, text in conversation:
        data = text.replace("NAME", name).encode("latin1")
        if speaker == side:
            end.sendall(data)
        else:
            end.recv(len(data), socket.MSG_WAITALL)


def serve(listener, port, numbers, conversations, wait):
    ends = []
    for i in numbers:
        end, _ = listener.accept()
        say(end, "response", f"{port}-{i}", conversations[i % len(conversations)])
        ends.append(end)
    wait()


def ask(port, numbers, conversations, wait):
    ends = []
    for i in numbers:
        end = socket.create_connection(("127.0.0.1", port))
        say(end, "request", f"{port}-{i}", conversations[i % len(conversations)])
        ends.append(end)
    wait()


def child(work, *arguments):
    """Runs `work`, which waits once it has done its part. Returns how to see it wait, and how to let it go."""
    done, tell = os.pipe()
    hold, release = os.pipe()
    if os.fork() == 0:
        os.close(release)

        def wait():
            os.write(tell, b"x")
            os.read(hold, 1)

        work(*arguments, wait)
        os._exit(0)
    os.close(tell)
    os.close(hold)
    return done, release


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
count, conversations = int(sys.argv[1]), json.loads(sys.argv[2])
parts = [range(first, min(first + PER_PROCESS, count)) for first in range(0, count, PER_PROCESS)]
listeners = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in parts]
ports = [listener.getsockname()[1] for listener in listeners]
served = zip(listeners, ports, parts)
servers = [child(serve, listener, port, part, conversations) for listener, port, part in served]
print(*ports, sep=",", flush=True)
sys.stdin.readline()
clients = [child(ask, port, part, conversations) for port, part in zip(ports, parts)]
for done, _ in servers + clients:
    if not os.read(done, 1):
        sys.exit("a process ended before its connections were open")
print("open", flush=True)
sys.stdin.readline()
for _, release in servers + clients:
    os.close(release)
for _ in servers + clients:
    os.wait()
print("closed", flush=True)
