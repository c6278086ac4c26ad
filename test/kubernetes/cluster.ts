import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Started, start } from '../protocols/started.ts'
import { freePort } from '../support/ports.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ADMIN = 'the-token-of-the-admin'

export interface Cluster {
  readonly url: string
  /** PEM, of the server. */
  readonly ca: string
  /** As the admin; gives the body, rejects with what is not 2xx. */
  ask(method: string, path: string, body?: object): Promise<unknown>
  /** What the server counts, in Prometheus' text format. */
  metrics(): Promise<string>
  stop(): Promise<void>
}

/** A kube-apiserver on an etcd, both real and of the test's own, with nothing in it. */
export async function startCluster(): Promise<Cluster> {
  const module = await import(pathToFileURL(`${ROOT}scripts/setup/kubernetes.mjs`).href)
  const { bringApiServer } = module as { bringApiServer: () => string }
  const binary = bringApiServer()
  const folder = mkdtempSync(join(tmpdir(), 'weir-cluster-'))
  const etcd = await startEtcd(folder)
  const server = await startApiServer(binary, folder, etcd.url)
  const ca = readFileSync(join(folder, 'certificates/apiserver.crt'), 'utf8')
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 })
  const send = (method: string, path: string, body?: object) =>
    asked(`${server.url}${path}`, method, agent, body)
  await ready(send)
  return {
    url: server.url,
    ca,
    ask: async (method, path, body) => JSON.parse(await send(method, path, body)) as unknown,
    metrics: () => send('GET', '/metrics'),
    stop: async () => {
      agent.destroy()
      await server.process.stop()
      await etcd.process.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function startEtcd(folder: string): Promise<{ url: string; process: Started }> {
  const url = `http://127.0.0.1:${await freePort()}`
  const peer = `http://127.0.0.1:${await freePort()}`
  const process = await start(
    'etcd',
    [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
    'ready to serve client requests',
  )
  return { url, process }
}

async function startApiServer(binary: string, folder: string, etcd: string) {
  const port = await freePort()
  const key = join(folder, 'accounts.key')
  const tokens = join(folder, 'tokens.csv')
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' })
  writeFileSync(tokens, `${ADMIN},admin,1,system:masters\n`)
  mkdirSync(join(folder, 'certificates'))
  const process = await start(
    binary,
    [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      // It takes no loopback address, and a machine without a network has no other one; nobody goes there.
      '--advertise-address=192.0.2.1',
      `--cert-dir=${join(folder, 'certificates')}`,
      '--service-cluster-ip-range=10.250.0.0/24',
      '--service-account-issuer=https://weir.test',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=RBAC',
      // Without controllers nobody makes the service accounts that it would ask for.
      '--disable-admission-plugins=ServiceAccount',
    ],
    'Serving securely on',
  )
  return { url: `https://127.0.0.1:${port}`, process }
}

const READY_TRIES = 300

/** Roles that Kubernetes has by itself are there when this says so. */
async function ready(send: (method: string, path: string) => Promise<string>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await send('GET', '/readyz')
      return
    } catch (error) {
      if (tries === READY_TRIES) throw error
      await sleep(100) // there is nothing to wait for but its answer
    }
  }
}

function asked(url: string, method: string, agent: Agent, body?: object): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json'
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': type }
  const sent = request(url, { method, agent, headers }, async (response) => {
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    const text = Buffer.concat(parts).toString()
    const { statusCode = 0 } = response
    if (statusCode < 300) resolve(text)
    else reject(new Error(`${method} ${url}: ${statusCode} ${text.slice(0, 500)}`))
  })
  sent.on('error', reject)
  sent.end(body && JSON.stringify(body))
  return promise
}
