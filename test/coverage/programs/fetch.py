"""http.client of the system's Python. Usage: fetch.py BASE PATH..."""
import http.client
import ssl
import sys

context = ssl._create_unverified_context()
connection = http.client.HTTPSConnection(sys.argv[1].split("//")[1], context=context)
for path in sys.argv[2:]:
    connection.request("GET", path)
    connection.getresponse().read()
