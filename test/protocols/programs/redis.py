"""What a program does with Redis through redis-py: `python3 redis.py PORT ROUNDS`."""
import sys

# This file has the name of the package.
sys.path = [path for path in sys.path if not path.endswith("programs")]
import redis  # noqa: E402

client = redis.Redis(port=int(sys.argv[1]), db=1)
client.ping()
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(sys.argv[2])):
    client.set("SECRET-k", "SECRET" * (1000 if i % 9 == 0 else 1), ex=100)
    client.mget(["SECRET-k", "x"])
    client.zadd("z", {"SECRET": i})
    with client.pipeline(transaction=True) as pipe:
        pipe.sadd("s", "SECRET").smembers("s").execute()
    client.eval("return 1", 1, "SECRET-k")
    try:
        client.execute_command("HGET", "SECRET-k", "f")
    except redis.ResponseError:
        pass
client.close()
