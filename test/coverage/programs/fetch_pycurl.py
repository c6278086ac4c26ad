"""libcurl of a wheel, with the OpenSSL beside it. Usage: fetch_pycurl.py BASE PATH..."""
import io
import sys

import pycurl

curl = pycurl.Curl()
curl.setopt(pycurl.SSL_VERIFYPEER, 0)
curl.setopt(pycurl.SSL_VERIFYHOST, 0)
curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
for path in sys.argv[2:]:
    curl.setopt(pycurl.URL, sys.argv[1] + path)
    curl.setopt(pycurl.WRITEDATA, io.BytesIO())
    curl.perform()
