"""What a program does with memcached through pylibmc (libmemcached): `python3 memcached_binary.py PORT ROUNDS binary|text`."""
import sys

import pylibmc

client = pylibmc.Client([f"127.0.0.1:{sys.argv[1]}"], binary=sys.argv[3] == "binary")
client.get("SECRET")
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(sys.argv[2])):
    client.set("SECRET-a", "SECRET")
    client.set("SECRET-large", "SECRET" * 20000)
    client.get("SECRET-large")
    client.set_multi({"SECRET-b": "1", "SECRET-c": "2"})
    client.get_multi(["SECRET-a", "SECRET-b", "SECRET-c", "SECRET-no"])
    client.get("SECRET-b")
    client.delete("SECRET-no")
    client.delete_multi(["SECRET-b", "SECRET-c"])
    client.add("SECRET-n", 1)
    client.incr("SECRET-n")
client.disconnect_all()
