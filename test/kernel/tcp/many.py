"""Opens many connections at once, over several processes, with one exchange on each. Usage: many.py CONNECTIONS PATH

Prints the ports that serve; then, for each line from stdin: opens them all and prints "open"; closes them and prints "closed".
"""

import os
import resource
import socket
import sys

PER_PROCESS = 12500  # below a limit of 20,000 descriptors
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def serve(listener, count, wait):
    ends = []
    for _ in range(count):
        end, _ = listener.accept()
        end.recv(1000)
        end.send(RESPONSE)
        ends.append(end)
    wait()


def ask(port, count, path, wait):
    ends = []
    for i in range(count):
        end = socket.create_connection(("127.0.0.1", port))
        end.send(f"GET {path}{port}-{i} HTTP/1.1\r\nHost: many\r\n\r\n".encode())
        end.recv(1000)
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
left, path = int(sys.argv[1]), sys.argv[2]
counts = []
while left > 0:
    counts.append(min(left, PER_PROCESS))
    left -= counts[-1]
listeners = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in counts]
ports = [listener.getsockname()[1] for listener in listeners]
servers = [child(serve, listener, count) for listener, count in zip(listeners, counts)]
print(*ports, sep=",", flush=True)
sys.stdin.readline()
clients = [child(ask, port, count, path) for port, count in zip(ports, counts)]
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
