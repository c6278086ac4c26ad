# Ruby's WEBrick. Usage: webrick.rb PORT LOG [CERT KEY]
require 'webrick'

FILES = { 'small' => 's' * 200, 'large' => 'l' * 102_400 }.freeze
port, _log, cert, key = ARGV
options = {
  Port: port.to_i, BindAddress: '127.0.0.1', AccessLog: [], Logger: WEBrick::Log.new(File::NULL),
  StartCallback: -> { $stdout.puts('ready') || $stdout.flush }
}
if cert
  require 'webrick/https'
  options.update(
    SSLEnable: true,
    SSLCertificate: OpenSSL::X509::Certificate.new(File.read(cert)),
    SSLPrivateKey: OpenSSL::PKey.read(File.read(key))
  )
end
server = WEBrick::HTTPServer.new(options)
server.mount_proc('/') do |request, response|
  file = FILES[request.path.split('/').last]
  response.status = file ? 200 : 404
  response.body = file || 'nothing here'
end
server.start
