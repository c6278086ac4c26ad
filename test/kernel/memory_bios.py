"""TLS through memory BIOs, many connections over one thread. The bytes are moved in an order that the mode names, so
that neither the last receipt nor the next send need be those of the call beside them. The messages of a round
have one length; if the mode says `near` or `sized`, each its own, which ciphers may blur or not.

    memory_bios.py CERT KEY MODE CONNECTIONS ROUNDS

Prints one JSON object: each path, and the port of the client that asked for it.
"""
import json
import random
import select
import socket
import ssl
import sys

cert, key, mode, connections, rounds = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
shuffle = random.Random(7).shuffle


class Peer:
    def __init__(self, sock, context, server_side):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server_side)

    def receive(self):
        select.select([self.sock], [], [])
        self.incoming.write(self.sock.recv(65536))

    def send(self):
        if self.outgoing.pending:
            self.sock.sendall(self.outgoing.read())

    def handshake(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.send()

    def read(self):
        try:
            while self.tls.read(16384):
                pass
        except ssl.SSLWantReadError:
            pass


def any_order(peers):
    peers = list(peers)
    if "shuffled" in mode:
        shuffle(peers)
    return peers


def deliver(senders, receivers, message):
    for index, peer in enumerate(senders):
        peer.tls.write(message(index))
    for peer in any_order(senders):
        peer.send()
    behind = None
    for peer in any_order(receivers):
        peer.receive()
        if "late" in mode:  # each is read when the next one's bytes have come
            if behind:
                behind.read()
            behind = peer
    for peer in [behind] if behind else any_order(receivers):
        peer.read()


server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(cert, key)
client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client_context.check_hostname = False
client_context.verify_mode = ssl.CERT_NONE
if "tls12" in mode:
    client_context.maximum_version = ssl.TLSVersion.TLSv1_2

clients, servers = [], []
with socket.create_server(("127.0.0.1", 0), backlog=connections) as listener:
    for _ in range(connections):
        ours = socket.create_connection(listener.getsockname())
        clients.append(Peer(ours, client_context, False))
        servers.append(Peer(listener.accept()[0], server_context, True))
        client, server = clients[-1], servers[-1]
        client.handshake()
        server.receive()
        server.handshake()
        client.receive()
        client.handshake()
        server.receive()
        server.handshake()
        if "tls12" in mode:
            client.receive()
            client.handshake()

step = 100 if "sized" in mode else 1 if "near" in mode else 0
ports = {}
for number in range(rounds):
    paths = [f"/bio-{index:02}-{number:02}" for index in range(connections)]
    ports.update({path: peer.sock.getsockname()[1] for path, peer in zip(paths, clients)})
    pad = ["p" * (1 + step * index) for index in range(connections)]
    deliver(clients, servers, lambda index: f"GET {paths[index]} HTTP/1.1\r\nHost: {pad[index]}\r\n\r\n".encode())
    deliver(servers, clients, lambda index: f"HTTP/1.1 200 OK\r\nServer: {pad[index]}\r\nContent-Length: 2\r\n\r\nok".encode())
print(json.dumps(ports))
