# For Puma.
FILES = { 'small' => 's' * 200, 'large' => 'l' * 102_400 }.freeze

run(lambda do |env|
  env['rack.input'].read
  file = FILES[env['PATH_INFO'].split('/').last]
  body = file || 'nothing here'
  [file ? 200 : 404, { 'content-length' => body.bytesize.to_s }, [body]]
end)
