import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

const PLAIN = fileURLToPath(new URL('../../../deploy/kubernetes/weir.yaml', import.meta.url))

/** An object of Kubernetes, as far as tests look into it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  /** Of a role. */
  readonly rules?: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } }
  }
}

interface Container {
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly securityContext: object
}

/** The objects of a text, in its order. */
export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJSON() as Manifest)

/** What `kubectl apply -f deploy/kubernetes/weir.yaml` applies. */
export const plainManifests = (): Manifest[] => parseManifests(readFileSync(PLAIN, 'utf8'))
