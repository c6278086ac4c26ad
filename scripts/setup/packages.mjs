import { existsSync, readdirSync } from 'node:fs'
import { output, run, SetupError, say, which } from './run.mjs'

const header = (path) => () =>
  [`/usr/include/${path}`, `/usr/local/include/${path}`].some((one) => existsSync(one))
const command = (name) => () => which(name) !== undefined
const file = (path) => () => existsSync(path)

const ruby = (library) => () => output('ruby', ['-r', library, '-e', '']) !== undefined
/** A file or folder whose name begins so. Node 20 has no globs. */
const beginsWith = (folder, start) => () =>
  existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(start))
const erlangLibrary = (name) => beginsWith('/usr/lib/erlang/lib', `${name}-`)

/** What building needs: Debian package, why, and how to see that it is there, however it came. */
export const BUILD_PACKAGES = [
  ['clang', 'compiles bpf/ for the kernel', command('clang')],
  ['g++', 'compiles native/, the addon', command('g++')],
  ['make', 'runs the two Makefiles', command('make')],
  ['libc6-dev', 'headers of the C library', header('stdlib.h')],
  ['libbpf-dev', 'loads and attaches BPF programs', header('bpf/libbpf.h')],
  ['libelf-dev', 'reads symbols of binaries', header('gelf.h')],
  ['zlib1g-dev', 'libbpf and libelf stand on it', header('zlib.h')],
  ['libzydis-dev', 'finds probe points by disassembly', header('Zydis/Zydis.h')],
  ['bpftool', 'reads the types of BPF objects', command('bpftool')],
]

/** What `npm test` needs on top. Of `a|b` the first is taken that this release of Debian has. */
export const TEST_PACKAGES = [
  ['clang-format', 'checks the form of bpf/ and native/', command('clang-format')],
  ['libclang-rt-dev', 'fuzzes the kernel classifiers on the host', fuzzerRuntime],
  ['nginx-light', 'a server under test', command('nginx')],
  ['apache2-bin', 'a server under test', command('apache2')],
  ['curl', 'a client under test', command('curl')],
  ['wget', 'a client under test, on GnuTLS', command('wget')],
  ['nghttp2-client', 'a client under test', command('h2load')],
  ['redis-server', 'a server under test', command('redis-server')],
  ['redis-tools', 'clients under test', command('redis-benchmark')],
  ['python3-redis', 'a client under test', file('/usr/lib/python3/dist-packages/redis')],
  ['postgresql', 'a server and clients under test', file('/usr/lib/postgresql')],
  ['python3-psycopg2', 'a client under test', file('/usr/lib/python3/dist-packages/psycopg2')],
  [
    'python3-psycopg|python3-psycopg2',
    'a client under test',
    file('/usr/lib/python3/dist-packages/psycopg'),
  ],
  ['memcached', 'a server under test', command('memcached')],
  ['python3-pymemcache', 'a client under test', file('/usr/lib/python3/dist-packages/pymemcache')],
  ['python3-pylibmc', 'a client under test', file('/usr/lib/python3/dist-packages/pylibmc')],
  ['rabbitmq-server', 'a server under test', command('rabbitmq-server')],
  ['python3-pika', 'a client under test', file('/usr/lib/python3/dist-packages/pika')],
  ['mosquitto', 'a server under test', file('/usr/sbin/mosquitto')],
  ['mosquitto-clients', 'clients under test', command('mosquitto_pub')],
  ['kcat', 'a client under test', command('kcat')],
  ['python3-pymongo', 'a client under test', file('/usr/lib/python3/dist-packages/pymongo')],
  ['mariadb-server-core|mariadb-server', 'a server under test', command('mariadbd')],
  ['mariadb-client-core|mariadb-client', 'a client under test', command('mariadb')],
  ['python3-pymysql', 'a client under test', file('/usr/lib/python3/dist-packages/pymysql')],
  ['unbound', 'a server under test', file('/usr/sbin/unbound')],
  ['musl-tools', 'a client under test, on musl', command('musl-gcc')],
  ['wrk', 'a client under test, and the load of the bench', command('wrk')],
  ['python3', 'servers and clients under test', file('/usr/bin/python3')],
  ['prometheus', 'scrapes weir under test', command('prometheus')],
  ['openssl', 'makes certificates for tests', command('openssl')],
  ['python3-snappy', 'an oracle of snappy', file('/usr/lib/python3/dist-packages/snappy')],
  ['tinyproxy-bin', 'a proxy under test', command('tinyproxy')],
  ['haproxy', 'a proxy under test', command('haproxy')],
  ['microsocks', 'a SOCKS5 proxy under test', command('microsocks')],
  ['lz4', 'an oracle of LZ4', command('lz4')],
  [
    'python3-grpcio',
    'a gRPC client and server under test',
    file('/usr/lib/python3/dist-packages/grpc'),
  ],
  ['golang-go', 'a server and a client under test', command('go')],
  ['git', 'a client under test, on GnuTLS', command('git')],
  ['ruby', 'a server and a client under test', command('ruby')],
  ['ruby-webrick', 'a server under test', ruby('webrick')],
  ['puma', 'a server under test', command('puma')],
  ['php-cli', 'a server and a client under test', command('php')],
  ['php-fpm', 'a server under test', beginsWith('/usr/sbin', 'php-fpm')],
  ['gunicorn', 'a server under test', command('gunicorn')],
  ['uwsgi-plugin-python3', 'a server under test', beginsWith('/usr/lib/uwsgi/plugins', 'python')],
  ['uwsgi-core', 'a server under test', command('uwsgi-core')],
  ['erlang-base', 'a server under test', command('erl')],
  ['erlang-inets', 'a server under test', erlangLibrary('inets')],
  ['erlang-ssl', 'a server under test', erlangLibrary('ssl')],
  ['libnss3-tools', 'a server and a client under test, on NSS', command('tstclnt')],
  ['libssl-dev', 'a client under test has it in it', file('/usr/include/openssl/ssl.h')],
  ['default-jdk-headless', 'a server under test', command('javac')],
  ['maven', "brings OpenTelemetry's Java SDK", command('mvn')],
  ['python3-pip', "brings OpenTelemetry's Python SDK", file('/usr/lib/python3/dist-packages/pip')],
  ['qemu-system-x86', 'runs other kernels', command('qemu-system-x86_64')],
  ['virtiofsd|qemu-system-common', 'shares this file system with guests', virtiofsd],
  ['busybox-static', 'starts guests', command('busybox')],
  ['cpio', 'packs what guests start from', command('cpio')],
  ['xz-utils', 'unpacks guest kernel modules', command('xz')],
  ['systemd', 'checks the unit, and starts weir in a guest', command('systemd-analyze')],
  ['iproute2', 'makes network namespaces', command('ip')],
  ['etcd-server', 'keeps what a Kubernetes API server is told', command('etcd')],
]

/** clang's own version decides which runtime it links. */
function fuzzerRuntime() {
  const folder = output('clang', ['-print-resource-dir'])?.trim()
  return existsSync(
    `${folder}/lib/linux/libclang_rt.fuzzer-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.a`,
  )
}

function virtiofsd() {
  return existsSync('/usr/lib/qemu/virtiofsd') || existsSync('/usr/libexec/virtiofsd')
}

/** What package scripts start and enable services with. */
const SERVICE_TOOLS = [
  '/usr/sbin/invoke-rc.d',
  '/usr/sbin/update-rc.d',
  '/usr/bin/deb-systemd-invoke',
  '/usr/bin/deb-systemd-helper',
]

const INSTALL = 'exec apt-get install -y -qq --no-install-recommends "$@"'

/** A container may have no mount(8), or no right to it. */
const canMount = () =>
  which('mount') !== undefined && output('unshare', ['--mount', 'true']) !== undefined

/**
 * Debian starts a server as soon as it is installed. Here the tools that do so are `true`, in a mount namespace
 * that ends with the installation: nothing is left behind, however it ends.
 */
function install(names) {
  const hidden = SERVICE_TOOLS.filter((tool) => existsSync(tool))
  const isolated = hidden.length > 0 && canMount()
  const hide = hidden.map((tool) => `mount --bind /bin/true ${tool}`)
  const command = isolated
    ? ['unshare', '--mount', 'sh', '-c', [...hide, INSTALL].join(' && ')]
    : ['sh', '-c', INSTALL]
  run(command[0], [...command.slice(1), 'sh', ...names], { env: APT_ENV })
}

const APT_ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }

/** Without apt-get, what is missing can still be named. */
function updateIndex() {
  if (which('apt-get')) run('apt-get', ['update', '-qq'], { env: APT_ENV })
}

/** Whether the package index, old as it may be, has it. */
const isKnown = (name) =>
  /^ {2}Candidate: (?!\(none\))/m.test(
    output('apt-cache', ['policy', name], { env: APT_ENV }) ?? '',
  )

/** Of the alternatives `a|b` the first that the package index has, or the last. */
function choose(names) {
  const alternatives = names.split('|')
  return alternatives.find(isKnown) ?? alternatives.at(-1)
}

/** Installs what is missing of `wanted`, after saying what and why. Throws a SetupError that names it all where it cannot. */
export function installPackages(wanted) {
  const absent = wanted.filter(([, , present]) => !present())
  if (absent.length === 0) return
  const isRoot = process.getuid() === 0
  if (isRoot && !absent.every(([names]) => names.split('|').some(isKnown))) updateIndex()
  const missing = absent.map(([name, why]) => [choose(name), why])
  const names = missing.map(([name]) => name)
  const list = missing.map(([name, why]) => `  ${name.padEnd(22)} ${why}`).join('\n')
  if (!which('apt-get')) {
    throw new SetupError(
      `these are missing, and there is no apt-get to bring them (Debian's package names):\n${list}`,
    )
  }
  if (!isRoot) {
    throw new SetupError(
      `these are missing, and only root can install them:\n${list}\nrun: sudo apt-get install ${names.join(' ')}`,
    )
  }
  say(`installing from the distribution:\n${list}`)
  try {
    install(names)
  } catch {
    say('the package index may be old: fetching it again')
    updateIndex()
    install(names)
  }
}
