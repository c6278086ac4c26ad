import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { before, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { type Manifest, parseManifests, plainManifests } from '../support/manifests.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CHART = `${ROOT}deploy/helm/weir`

/** In an order of their own; configurations as what they say. */
const compared = (manifests: readonly Manifest[]) =>
  manifests
    .filter(({ kind }) => kind !== 'Namespace') // helm makes that itself
    .map(({ data, ...others }) => ({ ...others, config: parse(data?.['agent.yaml'] ?? '') }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))

describe('the Helm chart', () => {
  let helm: string
  before(async () => {
    const module = await import(pathToFileURL(`${ROOT}scripts/setup/kubernetes.mjs`).href)
    helm = (module as { bringHelm: () => string }).bringHelm()
  })
  const render = (...values: string[]) => {
    const args = values.flatMap((value) => ['--set-json', value])
    const options = { encoding: 'utf8' } as const
    return execFileSync(helm, ['template', 'weir', CHART, '--namespace=weir', ...args], options)
  }

  test('has nothing that helm lint finds', () => {
    execFileSync(helm, ['lint', '--strict', CHART], { stdio: 'pipe' })
  })

  test('gives the plain manifests', () => {
    assert.deepEqual(compared(parseManifests(render())), compared(plainManifests()))
  })

  test('does what its values say', () => {
    const rendered = render(
      'image={"repository":"registry.example.com/weir","tag":"1.2"}',
      'endpoint="http://gateway:4318"',
      'config={"processors":{"memory_limiter":{"limit_percentage":70}}}',
      'extraEnv=[{"name":"TOKEN","value":"secret"}]',
      'hostPort=false',
      'rbac={"extraRules":[{"apiGroups":[""],"resources":["namespaces"],"verbs":["get"]}]}',
      'resources={"limits":{"memory":"1Gi"}}',
      'tolerations=[]',
    )
    for (const wanted of [
      'image: registry.example.com/weir:1.2\n',
      'value: "http://gateway:4318"\n',
      'limit_percentage: 70\n',
      'name: TOKEN\n',
      '- namespaces\n',
      'memory: 1Gi\n',
    ]) {
      assert.ok(rendered.includes(wanted), wanted)
    }
    assert.ok(!rendered.includes('hostPort') && !rendered.includes('operator: Exists'))
    assert.ok(!render('rbac={"create":false}').includes('ClusterRole'))
  })
})
