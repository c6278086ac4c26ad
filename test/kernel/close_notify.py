"""A response that ends with its connection, over TLS: the server says so by close_notify and lets the socket live on.

    close_notify.py CERT KEY PATH

The client reads it by 8 bytes to the end, and prints its port.
"""
import socket
import ssl
import sys
import threading

cert, key, path = sys.argv[1:]
server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(cert, key)
client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client_context.check_hostname = False
client_context.verify_mode = ssl.CERT_NONE
read_all = threading.Event()


def serve(listener):
    tls = server_context.wrap_socket(listener.accept()[0], server_side=True)
    tls.recv(4096)
    tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end")
    try:
        tls.unwrap()
    except ssl.SSLError:
        pass  # the client answers with nothing
    read_all.wait()


with socket.create_server(("127.0.0.1", 0)) as listener:
    server = threading.Thread(target=serve, args=(listener,))
    server.start()
    tls = client_context.wrap_socket(socket.create_connection(listener.getsockname()))
    tls.settimeout(20)
    tls.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    while tls.recv(8):
        pass
    print(tls.getsockname()[1], flush=True)
    sys.stdin.read()  # both sockets are open until the test has looked
    read_all.set()
    tls.close()
    server.join()
