"""reqwest of Rust in a wheel, with rustls in it. Usage: fetch_pyreqwest.py BASE PATH..."""
import sys

from pyreqwest.client import SyncClientBuilder

client = SyncClientBuilder().danger_accept_invalid_certs(True).build()
for path in sys.argv[2:]:
    client.get(sys.argv[1] + path).build().send()
