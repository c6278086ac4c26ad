/**
 * Node's own network modules, loaded when they are first used: TLS takes 7 MiB of memory, HTTPS and HTTP/2 four more
 * together. Not by `import`, which reads all that a module exports: in node:http that loads a second HTTP client, 14 MiB.
 */
export const builtins = {
  get http() {
    return process.getBuiltinModule('node:http')
  },
  get https() {
    return process.getBuiltinModule('node:https')
  },
  get http2() {
    return process.getBuiltinModule('node:http2')
  },
  get tls() {
    return process.getBuiltinModule('node:tls')
  },
}
