import {
  bool,
  duration,
  enumOf,
  float,
  type Infer,
  int,
  list,
  object,
  type Schema,
  text,
} from '../../config/fields.ts'
import type { Attributes } from './detector.ts'
import { ECS_ATTRIBUTES, EKS_ATTRIBUTES, LAMBDA_ATTRIBUTES } from './detectors/aws.ts'
import { AKS_ATTRIBUTES, AZURE_ATTRIBUTES } from './detectors/azure.ts'
import { DOCKER_ATTRIBUTES } from './detectors/docker.ts'
import { DYNATRACE_ATTRIBUTES } from './detectors/dynatrace.ts'
import { EC2_ATTRIBUTES } from './detectors/ec2.ts'
import { GCP_ATTRIBUTES } from './detectors/gcp.ts'
import { K8S_ATTRIBUTES } from './detectors/kubernetes.ts'
import { HOSTNAME_SOURCES, SYSTEM_ATTRIBUTES } from './detectors/system.ts'

const DETECTORS = [
  'env',
  'system',
  'docker',
  'dynatrace',
  'gcp',
  'ec2',
  'ecs',
  'eks',
  'lambda',
  'azure',
  'aks',
  'k8s_api',
  'k8snode',
] as const
export type DetectorName = (typeof DETECTORS)[number]

/** What the Collector has and weir has not. */
const OTHERS =
  'akamai alibaba_ecs azurecontainerapps consul digitalocean elastic_beanstalk elasticbeanstalk heroku hetzner ibmcloud_classic ibmcloud_vpc kubeadm nova openshift oraclecloud scaleway tencent_cvm upcloud vultr'.split(
    ' ',
  )

function refusal(found: string): string {
  if (!OTHERS.includes(found)) return `invalid detector key: ${found}`
  return `the Collector has the detector ${found}, weir has not: set its attributes by env (OTEL_RESOURCE_ATTRIBUTES)`
}

type Switches<A extends Attributes> = { [K in keyof A]: Schema<{ readonly enabled: boolean }> }

function resourceAttributes<A extends Attributes>(attributes: A) {
  const fields = Object.fromEntries(
    Object.entries(attributes).map(([name, on]) => [
      name,
      object({ enabled: bool().default(on).describe('Whether it is set.') }).describe(`${name}.`),
    ]),
  ) as unknown as Switches<A>
  return object(fields).describe('Attributes, one by one.')
}

const only = <A extends Attributes>(attributes: A) =>
  object({ resource_attributes: resourceAttributes(attributes) })

const tags = (what: string) => list(text()).describe(`RE2 of the keys of ${what} that are set too.`)

const kubernetes = object({
  resource_attributes: resourceAttributes(K8S_ATTRIBUTES),
  auth_type: enumOf(['serviceAccount', 'kubeConfig', 'none'])
    .default('serviceAccount')
    .describe('As whom the API server is asked.'),
  context: text().default('').describe('Of the kubeconfig.'),
  node_from_env_var: text().default('K8S_NODE_NAME').describe('The variable that names the node.'),
})

/** What the Collector has unless it is told otherwise. */
export const EC2_ATTEMPTS = 3
export const EC2_BACKOFF_MS = 20_000

export const schema = object({
  detectors: list(enumOf(DETECTORS, refusal))
    .default(['env'])
    .describe('Who looks; the first to set an attribute wins.'),
  override: bool().default(true).describe('Whether what is found replaces what is there.'),
  timeout: duration().min(0).default(5000).describe('For all of the looking, attempts included.'),
  refresh_interval: duration().min(0).default(0).describe('After which they look again; 0: never.'),
  attributes: list(text())
    .default([])
    .describe('Deprecated: only these are set; empty: all. Better: resource_attributes of each.'),
  fail_on_missing_metadata: bool()
    .default(false)
    .describe('Whether the start fails if the place of a detector is not here.'),
  retry: object({
    enabled: bool().default(true).describe('Whether a detector that failed looks again.'),
    initial_interval: duration().min(0).default(1000).describe('Before the second look.'),
    randomization_factor: float()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Share of a wait that is random, on both sides.'),
    multiplier: float().min(1).default(2).describe('By which the wait grows.'),
    max_interval: duration().min(0).default(30_000).describe('The longest wait.'),
    max_elapsed_time: duration()
      .min(0)
      .default(0)
      .describe('For all of the looking, in the place of timeout; 0: timeout.'),
  }).describe('Of detectors that fail although their place is here, until time is up.'),
  system: object({
    resource_attributes: resourceAttributes(SYSTEM_ATTRIBUTES),
    hostname_sources: list(enumOf(HOSTNAME_SOURCES))
      .default(['dns', 'os'])
      .describe('Where host.name comes from, the first that knows it.'),
  }).describe('The machine.'),
  docker: only(DOCKER_ATTRIBUTES).describe('The machine as Docker says it.'),
  dynatrace: only(DYNATRACE_ATTRIBUTES).describe('What OneAgent wrote about the host.'),
  gcp: only(GCP_ATTRIBUTES).describe('Google Cloud.'),
  ec2: object({
    resource_attributes: resourceAttributes(EC2_ATTRIBUTES),
    tags: tags('tags of the instance'),
    tags_from_imds: bool()
      .default(true)
      .describe('Always so: the instance must show its tags in its metadata.'),
    fail_on_missing_metadata: bool()
      .default(false)
      .describe('The same as above, of this detector alone.'),
    max_attempts: int().default(EC2_ATTEMPTS).describe('No effect: retry says how often.'),
    max_backoff: duration().default(EC2_BACKOFF_MS).describe('No effect: retry says how long.'),
  }).describe('Amazon EC2.'),
  ecs: only(ECS_ATTRIBUTES).describe('Amazon ECS.'),
  eks: object({
    resource_attributes: resourceAttributes(EKS_ATTRIBUTES),
    node_from_env_var: text()
      .default('')
      .describe('Accepted; weir asks the instance itself, not the API server, what it is.'),
  }).describe('Amazon EKS.'),
  lambda: only(LAMBDA_ATTRIBUTES).describe('AWS Lambda.'),
  azure: object({
    resource_attributes: resourceAttributes(AZURE_ATTRIBUTES),
    tags: tags('tags of the machine'),
  }).describe('Azure.'),
  aks: only(AKS_ATTRIBUTES).describe('Azure Kubernetes.'),
  k8s_api: kubernetes.describe('The node and the cluster.'),
  k8snode: kubernetes.describe('The same under its old name.'),
}).check(
  ({ retry, timeout }) =>
    retry.enabled &&
    timeout === 0 &&
    retry.max_elapsed_time === 0 &&
    'retry.enabled requires either timeout > 0 or retry.max_elapsed_time > 0 to bound detection',
  'timeout',
)

export type DetectionConfig = Infer<typeof schema>
