"""A plain asyncio HTTP/1.1 server. Usage: asyncio_server.py PORT LOG [CERT KEY]"""
import asyncio
import json
import ssl
import sys
import time

FILES = {"small": b"s" * 200, "large": b"l" * 102400}
log = open(sys.argv[2], "a", buffering=1)


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            started = time.time()
            lines = head.decode("latin1").split("\r\n")
            method, path, _ = lines[0].split(" ", 2)
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            await reader.readexactly(int(headers.get("content-length", 0)))
            body = FILES.get(path.rsplit("/", 1)[-1])
            status = 200 if body is not None else 404
            body = body or b"nothing here"
            sent = b"" if method == "HEAD" else body
            phrase = "OK" if status == 200 else "Not Found"
            closes = headers.get("connection") == "close"
            # Else curl sends its next request into the end of this connection, and then once more.
            last = "connection: close\r\n" if closes else ""
            writer.write(f"HTTP/1.1 {status} {phrase}\r\ncontent-length: {len(body)}\r\n{last}\r\n".encode() + sent)
            await writer.drain()
            log.write(json.dumps({
                "path": path, "method": method, "status": status,
                "start": started * 1000, "end": time.time() * 1000, "bytes": len(sent),
            }) + "\n")
            if closes:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    context = None
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), ssl=context, backlog=1024)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
