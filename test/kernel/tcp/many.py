"""Opens many connections at once, over several processes, with one conversation on each. Usage: many.py CONNECTIONS CONVERSATIONS

CONVERSATIONS is JSON: a list of them, taken in turn, each a list of what is said, as [side, Latin-1 text], where NAME stands for a
name that no other connection of a round has. Prints the ports that serve; then, for each line from stdin, in turn: opens them all and
prints "open"; closes them and prints "closed". Ends with its input.
"""

import json
import os
import resource
import socket
import sys

PER_PROCESS = 12500  # below a limit of 20,000 descriptors


def say(end, side, name, conversation):
    """Plays one side, which reads what the other one says to its last byte."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # who says two things in a row waits 40 ms
    for speaker, text in conversation:
        data = text.replace("NAME", name).encode("latin1")
        if speaker == side:
            end.sendall(data)
        else:
            end.recv(len(data), socket.MSG_WAITALL)


def serve(listener, port, numbers, conversations):
    ends = []
    for i in numbers:
        end, _ = listener.accept()
        say(end, "response", f"{port}-{i}", conversations[i % len(conversations)])
        ends.append(end)
    return ends


def ask(_, port, numbers, conversations):
    ends = []
    for i in numbers:
        end = socket.create_connection(("127.0.0.1", port))
        say(end, "request", f"{port}-{i}", conversations[i % len(conversations)])
        ends.append(end)
    return ends


def child(work, *arguments):
    """A process that opens connections by `work`, and closes them, in turn when told. Returns how to tell it, and how it says that it has."""
    done, say_done = os.pipe()
    hear, tell = os.pipe()
    if os.fork() == 0:
        os.close(tell)
        ends = []
        while os.read(hear, 1):
            if ends:
                for end in ends:
                    end.close()
                ends = []
            else:
                ends = work(*arguments)
            os.write(say_done, b"x")
        os._exit(0)
    os.close(say_done)
    os.close(hear)
    return done, tell


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
count, conversations = int(sys.argv[1]), json.loads(sys.argv[2])
parts = [range(first, min(first + PER_PROCESS, count)) for first in range(0, count, PER_PROCESS)]
listeners = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in parts]
ports = [listener.getsockname()[1] for listener in listeners]
told = list(zip(listeners, ports, parts))
children = [child(serve, *one, conversations) for one in told]
print(*ports, sep=",", flush=True)
is_open = False
for _ in sys.stdin:
    if len(children) == len(parts):
        children += [child(ask, *one, conversations) for one in told]
    for _, tell in children:
        os.write(tell, b"x")
    for done, _ in children:
        if not os.read(done, 1):
            sys.exit("a process ended before it was told to")
    is_open = not is_open
    print("open" if is_open else "closed", flush=True)
for _, tell in children:
    os.close(tell)
for _ in children:
    os.wait()
