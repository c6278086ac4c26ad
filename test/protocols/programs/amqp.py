"""What a program does with RabbitMQ through pika: `python3 amqp.py PORT ROUNDS`."""
import sys

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(sys.argv[1])))
channel = connection.channel()
queue = channel.queue_declare("", exclusive=True).method.queue
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(sys.argv[2])):
    channel.basic_publish("", queue, b"SECRET" * 10, pika.BasicProperties(headers={"SECRET": 1}))
channel.confirm_delivery()
channel.basic_publish("", queue, b"")
left = int(sys.argv[2])
for method, _, _ in channel.consume(queue, auto_ack=False):
    channel.basic_ack(method.delivery_tag)
    left -= 1
    if left == 0:
        break
# Hands back what came too early, and ends.
connection.close()
