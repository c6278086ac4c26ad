import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { clockParameters } from './clock.ts'
import { findKernel, GUEST_KERNELS, type GuestKernel, type Kernel } from './kernels.ts'

export interface GuestOptions {
  readonly kernel: string
  /**
   * For `sh -c`, as root. The guest sees this machine's files as they were when it first looked; what it writes is gone with it,
   * but for /out.
   */
  readonly command: string
  readonly env?: Readonly<Record<string, string>>
  /** The command is a service of systemd, the distribution's, which is the guest's first process. */
  readonly systemd?: boolean
  /** Counts instructions instead of time, on one CPU: slow, and the same on every run. */
  readonly icount?: boolean
  readonly cpus?: number
  readonly memoryMiB?: number
  readonly timeoutMs?: number
  /** A folder of this machine that the guest writes to as /out. */
  readonly out?: string
  readonly onOutput?: (text: string) => void
}

export interface GuestResult {
  readonly exitCode: number
  readonly output: string
}

/** What the guest's kernel says, in the folder of a run. */
const CONSOLE = 'console.log'
const BUSYBOX = '/bin/busybox'
const VIRTIOFSD = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd'].find((path) =>
  existsSync(path),
)
/** The distribution's programs: version managers are slow over a shared file system. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin'
/**
 * Without cmpxchg16b: QEMU 7.2 emulates it with wrong flags, and kernel 6.12 allocates memory by it.
 * Without fast string instructions: it emulates them byte by byte, and the kernel would clear each page with one.
 */
const CPU = 'max,-cx16,-erms,-fsrm'
const DEFAULT_TIMEOUT_MS = 600_000
const FAILED_BOOT = 125
/** A kernel patches its own code as it boots, and QEMU's other CPU at times runs into the half patched one: "Oops: int3". */
const BOOTS = 3

/** The guest's first process: modules, this machine's root below an overlay, then the command. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module || echo "guest: no module $module"; done
mkdir -p /lower /writable /root /out
mount -t virtiofs root /lower -o ro || echo "guest: no root file system"
mount -t tmpfs tmpfs /writable
mkdir /writable/upper /writable/work
mount -t overlay overlay /root -o lowerdir=/lower,upperdir=/writable/upper,workdir=/writable/work
for place in proc sys dev; do mkdir -p /root/$place; mount --move /$place /root/$place; done
mkdir -p /root/out /root/dev/pts /root/dev/shm
mount -t virtiofs out /root/out
mount -t tmpfs tmpfs /root/run
mount -t tmpfs tmpfs /root/dev/shm
mount -t devpts devpts /root/dev/pts
mount -t cgroup2 cgroup /root/sys/fs/cgroup
ip link set lo up
: >/root/out/booted
`

const RUN = `chroot /root /bin/sh -c '/bin/sh /out/command.sh </dev/null >/dev/ttyS1 2>&1'
echo $? >/root/out/exit
sync
poweroff -f
`

/**
 * Nothing that this machine has enabled is started, for only the command is asked for; and its /tmp is not cleaned up.
 * What weir keeps here goes: systemd would move it to where a service with a user of its own has it, and an overlay moves no folder.
 */
const RUN_SYSTEMD = `rm -rf /root/var/lib/weir /root/var/lib/private/weir
cat >/root/etc/systemd/system/guest.service <<END
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /out/command.sh
ExecStopPost=/bin/sh -c 'echo \\$EXIT_STATUS >/out/exit; sync; poweroff -ff'
StandardOutput=file:/dev/ttyS1
StandardError=file:/dev/ttyS1
TimeoutStartSec=infinity
END
ln -s /dev/null /root/etc/systemd/system/systemd-tmpfiles-setup.service
exec switch_root /root /lib/systemd/systemd --unit=guest.service
`

function packInitramfs(folder: string, kernel: Kernel, systemd: boolean): string {
  const tree = join(folder, 'initramfs')
  for (const place of ['bin', 'modules', 'proc', 'sys', 'dev'])
    mkdirSync(join(tree, place), { recursive: true })
  copyFileSync(BUSYBOX, join(tree, 'bin/busybox'))
  for (const module of kernel.modules) copyFileSync(module, join(tree, 'modules', basename(module)))
  writeFileSync(
    join(tree, 'modules/order'),
    kernel.modules.map((path) => basename(path)).join('\n'),
  )
  writeFileSync(join(tree, 'init'), INIT + (systemd ? RUN_SYSTEMD : RUN), { mode: 0o755 })
  const archive = join(folder, 'initramfs.cpio')
  execFileSync('sh', ['-c', `find . | cpio --quiet -o -H newc > ${archive}`], { cwd: tree })
  return archive
}

async function share(
  folder: string,
  tag: string,
  source: string,
  cache: 'auto' | 'always',
): Promise<{ socket: string; daemon: ChildProcess }> {
  if (!VIRTIOFSD) throw new Error('virtiofsd is missing: Debian has it in qemu-system-common')
  const socket = join(folder, `${tag}.sock`)
  rmSync(socket, { force: true })
  const options = ['-o', `source=${source}`, '-o', `cache=${cache}`, '-o', 'sandbox=chroot']
  const daemon = spawn(VIRTIOFSD, [`--socket-path=${socket}`, ...options], { stdio: 'ignore' })
  while (!existsSync(socket)) {
    if (daemon.exitCode !== null)
      throw new Error(`virtiofsd for ${source} ended with ${daemon.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { socket, daemon }
}

function qemuArguments(
  options: GuestOptions,
  kernel: Kernel,
  initramfs: string,
  sockets: Record<string, string>,
): string[] {
  const { icount = false, cpus = 2, memoryMiB = 3072 } = options
  const folder = dirname(initramfs)
  const clock = clockParameters(folder, icount)
  // It forgets what its own options say when it reads its units again, and then draws what it waits for, for minutes.
  const status = options.systemd === true ? ' systemd.show_status=no' : ''
  const shares = Object.entries(sockets).flatMap(([tag, socket]) => [
    '-chardev',
    `socket,id=${tag},path=${socket}`,
    '-device',
    `vhost-user-fs-pci,chardev=${tag},tag=${tag}`,
  ])
  return [
    ...['-accel', icount ? 'tcg,thread=single' : 'tcg,thread=multi', '-cpu', CPU],
    ...(icount ? ['-icount', 'shift=0,sleep=off', '-smp', '1'] : ['-smp', String(cpus)]),
    ...['-m', `${memoryMiB}M`],
    ...[
      '-object',
      `memory-backend-memfd,id=memory,size=${memoryMiB}M,share=on`,
      '-numa',
      'node,memdev=memory',
    ],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.image, '-initrd', initramfs],
    ...[
      '-append',
      `console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off init_on_alloc=0 ${clock}${status}`,
    ],
    ...['-serial', `file:${join(folder, CONSOLE)}`, '-serial', 'stdio'],
    ...shares,
  ]
}

function asKernel(version: string): GuestKernel {
  const found = GUEST_KERNELS.find((one) => one === version)
  if (!found) throw new Error(`no guest kernel ${version}: there are ${GUEST_KERNELS.join(', ')}`)
  return found
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Plays QEMU once, to its end: what the command printed. */
async function play(folder: string, options: GuestOptions, kernel: Kernel): Promise<string> {
  const out = options.out ?? join(folder, 'out')
  // By "auto" a file is read from this machine again each time that it is opened, libraries with each program.
  const shares = [
    await share(folder, 'root', '/', 'always'),
    await share(folder, 'out', out, 'auto'),
  ]
  const [root, result] = shares
  const sockets = { root: root?.socket ?? '', out: result?.socket ?? '' }
  const initramfs = packInitramfs(folder, kernel, options.systemd === true)
  try {
    const qemu = spawn('qemu-system-x86_64', qemuArguments(options, kernel, initramfs, sockets), {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    let output = ''
    qemu.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const text = chunk.replaceAll('\r\n', '\n')
      output += text
      options.onOutput?.(text)
    })
    await once(qemu, 'close')
    process.stderr.write(readFileSync(join(folder, CONSOLE)))
    return output
  } finally {
    for (const { daemon } of shares) daemon.kill()
  }
}

/** Boots a guest for one command, and ends it. Exit code 125: it did not get as far as the command's end. */
export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  const kernel = findKernel(asKernel(options.kernel))
  const folder = mkdtempSync(join(tmpdir(), 'weir-guest-'))
  const out = options.out ?? join(folder, 'out')
  mkdirSync(out, { recursive: true })
  const env = { PATH, HOME: '/root', TERM: 'dumb', ...options.env }
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`)
  writeFileSync(join(out, 'command.sh'), `${[...exports, options.command].join('\n')}\n`)
  const exit = join(out, 'exit')
  const booted = join(out, 'booted')
  for (const file of [exit, booted]) rmSync(file, { force: true })
  try {
    let output = ''
    for (let boot = 1; boot <= BOOTS && !existsSync(booted); boot++) {
      if (boot > 1) process.stderr.write(`guest: ${options.kernel} did not boot; once more\n`)
      output = await play(folder, options, kernel)
    }
    return { output, exitCode: existsSync(exit) ? Number(readFileSync(exit, 'utf8')) : FAILED_BOOT }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
