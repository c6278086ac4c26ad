"""What a program does with MongoDB through PyMongo: `python3 mongodb.py PORT ROUNDS`."""
import sys

import pymongo

port, rounds = int(sys.argv[1]), int(sys.argv[2])
client = pymongo.MongoClient("127.0.0.1", port)
orders = client.depot.orders
for i in range(rounds):
    orders.insert_one({"name": "SECRET", "i": i})
    orders.find_one({"i": i})
    orders.find_one_and_update({"i": i}, {"$set": {"name": "SECRET"}})
client.close()
