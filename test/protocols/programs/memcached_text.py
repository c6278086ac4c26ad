"""What a program does with memcached through pymemcache (the text protocol): `python3 memcached_text.py PORT ROUNDS`."""
import sys

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheClientError, MemcacheServerError

client = Client(("127.0.0.1", int(sys.argv[1])), default_noreply=False)
client.get("SECRET")
print("ready", flush=True)
for word in sys.stdin:
    if "go" in word:
        break
    client.get("SECRET")
for i in range(int(sys.argv[2])):
    client.set(f"SECRET-{i}", b"SECRET", expire=60)
    client.set("SECRET-large", b"SECRET" * 20000)
    client.get("SECRET-large")
    client.get_many([f"SECRET-{j}" for j in range(i + 1)] + ["SECRET-no"])
    client.get_many([f"SECRET-{j:0200}" for j in range(40)])
    client.set_many({"SECRET-a": b"1", "SECRET-b": b"2"})
    client.set("SECRET-quiet", b"SECRET", noreply=True)
    client.delete("SECRET-quiet", noreply=True)
    client.add("SECRET-n", b"1")
    client.incr("SECRET-n", 2)
    _, version = client.gets("SECRET-n")
    client.cas("SECRET-n", b"5", version)
    client.cas("SECRET-n", b"6", version)
    client.touch("SECRET-n", 60)
    client.delete("SECRET-no")
    for wrong in (lambda: client.incr(f"SECRET-{i}", 1), lambda: client.set("SECRET", b"x" * 1200000)):
        try:
            wrong()
        except (MemcacheClientError, MemcacheServerError):
            pass
client.close()
