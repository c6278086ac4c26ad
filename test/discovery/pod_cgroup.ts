import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../protocols/watch.ts'

/** How a hierarchy is mounted: all of version 2, or one of version 1 that has a name and no controllers. */
const MOUNTS = { v1: '-t cgroup -o none,name=weir_test', v2: '-t cgroup2' } as const

/** A container as the kubelet and its runtime name it. */
export interface PodContainer {
  readonly version: keyof typeof MOUNTS
  readonly podUid: string
  readonly containerId: string
}

const pathOf = ({ version, podUid, containerId }: PodContainer): string =>
  version === 'v1'
    ? `kubepods/burstable/pod${podUid}/${containerId}`
    : `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${podUid.replaceAll('-', '_')}.slice/cri-containerd-${containerId}.scope`

/**
 * A control group with the path that the kubelet gives to a container: by cgroupfs in version 1, by systemd in version 2. It is made in
 * a mount of the launcher's own, so that it does not matter what the machine has mounted.
 */
export function podCgroup(container: PodContainer) {
  const mountPoint = mkdtempSync(join(tmpdir(), 'weir-cgroup-'))
  const mounted = (script: string) => [
    ...['unshare', '--mount', 'sh', '-ec'],
    `mount ${MOUNTS[container.version]} none "$0"; cd "$0"; ${script}`,
    ...[mountPoint, pathOf(container)],
  ]
  return {
    /** A command that becomes what its last arguments say, within the group. */
    launcher: mounted('mkdir -p "$1"; echo $$ > "$1/cgroup.procs"; cd /; shift; exec "$@"'),
    /** After the end of all that ran in it. */
    async remove(): Promise<void> {
      const [command = '', ...args] = mounted('rmdir -p --ignore-fail-on-non-empty "$1"')
      await run(command, args)
      rmSync(mountPoint, { recursive: true })
    },
  }
}
