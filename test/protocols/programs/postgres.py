"""What a program does with PostgreSQL through psycopg 2 and 3: `python3 postgres.py PORT ROUNDS`."""
import io
import sys
import threading

import psycopg2

try:
    import psycopg
except ImportError:
    psycopg = None  # Debian 11 has version 2 alone

port, rounds = int(sys.argv[1]), int(sys.argv[2])
address = {"host": "127.0.0.1", "port": port, "user": "postgres", "dbname": "shop", "sslmode": "disable"}
old = psycopg2.connect(**address)
new = psycopg.connect(**address, autocommit=True) if psycopg else None
print("ready", flush=True)
sys.stdin.readline()
with old, old.cursor() as cursor:
    cursor.copy_expert("COPY goods(name) FROM STDIN", io.StringIO("SECRET\n" * 1000))
    for i in range(rounds):
        cursor.execute("DELETE FROM orders WHERE name = %s", ("SECRET",))
if new:
    new.execute("SELECT name FROM goods, generate_series(1, 20)").fetchall()  # longer than what is captured
    for i in range(rounds):
        new.execute("SELECT id FROM goods WHERE id < %s", (i,)).fetchall()
    with new.pipeline():
        for i in range(rounds):
            new.execute("INSERT INTO orders(name) VALUES (%s)", ("SECRET",))
    new.close()


def cancel_until(ended):
    while not ended.wait(0.2):
        old.cancel()


ended = threading.Event()
canceller = threading.Thread(target=cancel_until, args=(ended,))
canceller.start()
try:
    with old.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(300)")  # ends by nothing else
except psycopg2.errors.QueryCanceled:
    pass
ended.set()
canceller.join()
old.close()
