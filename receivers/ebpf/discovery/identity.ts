import type { ContainerNames } from './container_names.ts'
import { parseResourceAttributes } from './environment.ts'
import type { Executable } from './executable.ts'
import type { PodFacts } from './pod_facts.ts'
import { type ServiceLabels, saidByPod } from './pod_identity.ts'
import type { Process } from './process.ts'
import type { Runtime } from './runtime.ts'
import {
  dotnetAssembly,
  goModule,
  gunicornTitle,
  javaArchive,
  type Named,
  nodePackage,
  phpPool,
  pythonModule,
  rubyGem,
  rubyServer,
  uwsgiModule,
} from './runtime_names.ts'
import { baseName, executableName, linkName, scriptOf } from './script.ts'

/** Who a process is to whoever reads its spans. */
export interface Identity {
  readonly name: string
  /** '' when nothing tells it; the same of the version. */
  readonly namespace: string
  readonly version: string
  /** What gave the name, in words: `weir explain` prints it. */
  readonly rule: string
}

/** What names a process. */
export interface IdentitySources {
  readonly process: Process
  /** As of KnownProcess. */
  readonly maker: Process | undefined
  readonly runtime: Runtime
  readonly executable: Executable
  readonly container: ContainerNames
  /** Of the entry of `discovery::instrument` that chose it. */
  readonly chosen: { readonly name: string; readonly namespace: string }
  readonly pod: PodFacts | undefined
  readonly labels: ServiceLabels
}

/**
 * Names in the order of OpenTelemetry's conventions: what the process was told by its environment, the operator's entry, annotations and
 * labels of the pod, the runtime's own files, the unit, what owns the pod, the container, the executable.
 * Source: https://opentelemetry.io/docs/specs/semconv/resource/service/
 */
export function identify(sources: IdentitySources): Identity {
  const { process, chosen, container, pod, labels } = sources
  const told = parseResourceAttributes(process.env.get('OTEL_RESOURCE_ATTRIBUTES') ?? '')
  const own = runtimeName(sources)
  const { name, rule } =
    toldName(process, told) ??
    entryName(chosen.name) ??
    podName(sources) ??
    own ??
    surroundingName(sources)
  const said = (attribute: keyof ServiceLabels) => saidByPod(pod, attribute, labels)?.text
  return {
    name,
    rule,
    namespace:
      told.get('service.namespace') ||
      chosen.namespace ||
      said('service.namespace') ||
      container.namespace ||
      (pod?.namespace ?? ''),
    version: told.get('service.version') || said('service.version') || own?.version || '',
  }
}

type NameAndRule = Pick<Identity, 'name' | 'rule'>

function toldName(
  { env }: Process,
  attributes: ReadonlyMap<string, string>,
): NameAndRule | undefined {
  const name = env.get('OTEL_SERVICE_NAME')
  if (name) return { name, rule: 'OTEL_SERVICE_NAME of the process' }
  const attribute = attributes.get('service.name')
  if (!attribute) return undefined
  return { name: attribute, rule: 'service.name in OTEL_RESOURCE_ATTRIBUTES of the process' }
}

const entryName = (name: string): NameAndRule | undefined =>
  name === '' ? undefined : { name, rule: 'name of the entry of instrument' }

function podName({ pod, labels }: IdentitySources): NameAndRule | undefined {
  const said = saidByPod(pod, 'service.name', labels)
  return said && { name: said.text, rule: said.rule }
}

function surroundingName({ process, container, pod }: IdentitySources): NameAndRule {
  const { unit } = process.cgroup
  if (unit !== '') return { name: unit, rule: 'systemd unit' }
  if (pod !== undefined) return { name: pod.owner.name, rule: `${pod.owner.kind} of the pod` }
  if (container.name !== '') return { name: container.name, rule: 'container name' }
  const link = linkName(process)
  if (link !== '') return { name: link, rule: 'link to the executable' }
  return { name: executableName(process), rule: 'executable' }
}

/** What the runtime's own files and arguments say. */
function runtimeName(sources: IdentitySources): Named | undefined {
  const { runtime, executable, maker } = sources
  const process = maker ?? sources.process
  if (executable.go !== undefined) return goModule(executable.go)
  const server = serverName(process, runtime)
  if (server !== undefined) return server
  const script = scriptOf(process)
  if (script === undefined) {
    // An application's own launcher, and one with its runtime in one file, are named as the assembly is.
    return runtime.language === 'dotnet' && executableName(process) !== 'dotnet'
      ? dotnetAssembly(process, process.exePath)
      : undefined
  }
  const { kind, text } = script
  if (runtime.language === 'python') return pythonModule(process, script)
  if (runtime.language === 'java' && kind === 'file' && text.endsWith('.jar')) {
    return javaArchive(process, text)
  }
  if (runtime.language === 'java') return { name: text, version: '', rule: 'main class' }
  if (kind === 'module') return { name: text, version: '', rule: 'module' }
  if (runtime.language === 'dotnet') return dotnetAssembly(process, text)
  if (runtime.language === 'ruby') return rubyGem(process, text)
  const found = SCRIPT_PACKAGES.has(runtime.name) ? nodePackage(process, text) : undefined
  const name = baseName(text)
  return found ?? (name === '' ? undefined : { name, version: '', rule: 'script' })
}

/** What a server of applications calls itself, or was told to load. */
function serverName(process: Process, { language }: Runtime): Named | undefined {
  if (language === 'php') return phpPool(process)
  if (language === 'ruby') return rubyServer(process)
  if (/^uwsgi(?:-core)?$/.test(executableName(process))) return uwsgiModule(process)
  return language === 'python' ? gunicornTitle(process) : undefined
}

/** Runtimes whose programs have a package.json. */
const SCRIPT_PACKAGES = new Set(['nodejs', 'bun', 'deno'])
