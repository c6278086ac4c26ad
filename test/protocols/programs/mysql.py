"""What a program does with MariaDB through PyMySQL: `python3 mysql.py PORT ROUNDS`."""
import sys
import tempfile

import pymysql

port, rounds = int(sys.argv[1]), int(sys.argv[2])
client = pymysql.connect(
    host="127.0.0.1", port=port, user="weir", password="SECRET-pass", database="shop", autocommit=True, local_infile=True
)
print("ready", flush=True)
sys.stdin.readline()
with client.cursor() as cursor, tempfile.NamedTemporaryFile("w") as file:
    file.write("7\tSECRET\n" * 40000)
    file.flush()
    cursor.execute(f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE loaded")
    cursor.execute("SELECT * FROM loaded")  # longer than what is captured
    cursor.fetchall()
    for i in range(rounds):
        cursor.execute("DELETE FROM orders WHERE name = %s", ("SECRET",))
        cursor.executemany("INSERT INTO orders(name) VALUES (%s)", [("SECRET",), ("SECRET",)])
client.select_db("other")
with client.cursor() as cursor:
    cursor.execute("SELECT COUNT(*) FROM shop.goods")
client.ping()
client.close()
