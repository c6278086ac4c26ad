# Ruby's Net::HTTP. Usage: fetch.rb BASE PATH...
require 'net/http'
require 'openssl'

base, *paths = ARGV
uri = URI(base)
options = { use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE }
Net::HTTP.start(uri.host, uri.port, **options) { |http| paths.each { |path| http.get(path) } }
