"""Prints a line of JSON for each datagram that comes to the unix socket of argv[1], and first `ready`."""
import json
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("ready", flush=True)
while True:
    print(json.dumps(receiver.recv(4096).decode()), flush=True)
