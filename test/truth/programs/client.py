"""http.client (keep-alive) and urllib (a connection per request). Usage: client.py <SPEC"""
import http.client
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

spec = json.loads(sys.stdin.readline())
base = spec["base"]
insecure = ssl._create_unverified_context()
lock = threading.Lock()
work = iter(spec["requests"])


def report(request, status, started, ended, size):
    with lock:
        print(json.dumps({
            "path": request["path"], "method": request["method"], "status": status,
            "start": started * 1000, "end": ended * 1000, "bytes": size,
        }))


def take():
    with lock:
        return next(work, None)


def connect():
    scheme, _, authority = base.partition("://")
    if scheme == "https":
        return http.client.HTTPSConnection(authority, context=insecure)
    return http.client.HTTPConnection(authority)


def send(connection, request):
    started = time.time()
    connection.request(request["method"], request["path"], request.get("body"))
    response = connection.getresponse()
    size = len(response.read())
    report(request, response.status, started, time.time(), size)


def kept(connection):
    while request := take():
        send(connection, request)


def each():
    while request := take():
        data = request["body"].encode() if request.get("body") else None
        call = urllib.request.Request(base + request["path"], data, method=request["method"])
        started = time.time()
        try:
            with urllib.request.urlopen(call, context=insecure) as response:
                status, size = response.status, len(response.read())
        except urllib.error.HTTPError as error:
            status, size = error.code, len(error.read())
        report(request, status, started, time.time(), size)


if spec["keepAlive"]:
    connections = [connect() for _ in range(spec["connections"])]
    if spec.get("hold"):
        for index, connection in enumerate(connections):
            send(connection, {"path": f"/r/hold-{index}/small", "method": "GET"})
        print("held", flush=True)
        sys.stdin.readline()
    threads = [threading.Thread(target=kept, args=(one,)) for one in connections]
else:
    threads = [threading.Thread(target=each) for _ in range(spec["connections"])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
