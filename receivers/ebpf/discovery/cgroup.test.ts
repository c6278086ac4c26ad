import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCgroup } from './cgroup.ts'

const ID = 'ab'.repeat(32)
const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'

describe('parseCgroup', () => {
  type Case = [name: string, text: string, id: string, pod: string, unit: string]
  const cases: Case[] = [
    ['a systemd service', '0::/system.slice/nginx.service\n', '', '', 'nginx'],
    ['an instance of a template', '0::/system.slice/system-w.slice/w@3.service', '', '', 'w@3'],
    ['an escaped unit', '0::/system.slice/my\\x2dapp.service', '', '', 'my-app'],
    ["a user's session", '0::/user.slice/user-0.slice/session-1.scope', '', '', ''],
    ['the session manager itself', '0::/user.slice/user@1000.service/init.scope', '', '', ''],
    ["a user's own service", '0::/u.slice/user@1.service/app.slice/sync.service', '', '', 'sync'],
    ['Docker under systemd', `0::/system.slice/docker-${ID}.scope`, ID, '', ''],
    ['Docker without', `12:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n`, ID, '', ''],
    ['Podman', `0::/machine.slice/libpod-${ID}.scope/container`, ID, '', ''],
    ["Podman's supervisor", `0::/machine.slice/libpod-conmon-${ID}.scope`, '', '', ''],
    [
      'Kubernetes, containerd, systemd',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`,
      ID,
      UID,
      '',
    ],
    ['Kubernetes, cgroupfs', `11:cpu:/kubepods/besteffort/pod${UID}/${ID}`, ID, UID, ''],
    ['seen from another cgroup namespace', `0::/../../pod${UID}/${ID}`, ID, UID, ''],
    [
      'a nested container is the inner one',
      `0::/docker/${'cd'.repeat(32)}/docker/${ID}`,
      ID,
      '',
      '',
    ],
    [
      'ECS',
      `9:pids:/ecs/${'ef'.repeat(16)}/${'ef'.repeat(16)}-42`,
      `${'ef'.repeat(16)}-42`,
      '',
      '',
    ],
    ['a number that is no container', `4:memory:/api/${'a'.repeat(32)}\n0::/`, '', '', ''],
    ['the root', '0::/', '', '', ''],
    ['nonsense', 'x', '', '', ''],
  ]
  for (const [name, text, containerId, podUid, unit] of cases) {
    test(name, () => {
      const { path: _, ...got } = parseCgroup(text)
      assert.deepEqual(got, { containerId, podUid, unit })
    })
  }
})
