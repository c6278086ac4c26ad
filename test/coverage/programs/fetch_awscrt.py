"""awscrt, the AWS SDK's own client. Usage: fetch_awscrt.py BASE PATH..."""
import sys

from awscrt import http, io

group = io.EventLoopGroup(1)
bootstrap = io.ClientBootstrap(group, io.DefaultHostResolver(group))
options = io.TlsContextOptions()
options.verify_peer = False
tls = io.ClientTlsContext(options).new_connection_options()
host, port = sys.argv[1].split("//")[1].split(":")
tls.set_server_name(host)
connection = http.HttpClientConnection.new(
    host, int(port), bootstrap, tls_connection_options=tls
).result()
for path in sys.argv[2:]:
    headers = http.HttpHeaders([("host", host)])
    stream = connection.request(http.HttpRequest("GET", path, headers))
    stream.activate()
    stream.completion_future.result()
connection.close().result()
