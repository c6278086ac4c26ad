"""libcurl of a wheel, with BoringSSL in it. Usage: fetch_curl_cffi.py BASE PATH..."""
import sys

from curl_cffi import requests

session = requests.Session(verify=False)
for path in sys.argv[2:]:
    session.get(sys.argv[1] + path)
