import assert from 'node:assert/strict'
import type http from 'node:http'
import { describe, test } from 'node:test'
import { detected, metadata } from './testing.ts'
import type { World } from './world.ts'

const IDENTITY = JSON.stringify({
  accountId: '123456789012',
  availabilityZone: 'eu-central-1a',
  imageId: 'ami-1',
  instanceId: 'i-0abc',
  instanceType: 'm7g.large',
  region: 'eu-central-1',
})
const EC2 = {
  'PUT /latest/api/token': 'token',
  '/latest/meta-data/instance-id': 'i-0abc',
  '/latest/meta-data/hostname': 'ip-10-0-0-1.ec2.internal',
  '/latest/dynamic/instance-identity/document': IDENTITY,
  '/latest/meta-data/tags/instance': 'team\nkubernetes.io/cluster/prod',
  '/latest/meta-data/tags/instance/team': 'blue',
  '/latest/meta-data/tags/instance/kubernetes.io/cluster/prod': 'owned',
}
const EC2_FOUND = {
  'cloud.provider': 'aws',
  'cloud.region': 'eu-central-1',
  'cloud.account.id': '123456789012',
  'cloud.availability_zone': 'eu-central-1a',
  'host.id': 'i-0abc',
  'host.image.id': 'ami-1',
  'host.type': 'm7g.large',
  'host.name': 'ip-10-0-0-1.ec2.internal',
  'cloud.platform': 'aws_ec2',
}
const withToken = ({ method, headers }: http.IncomingMessage) =>
  method === 'PUT' || headers['x-aws-ec2-metadata-token'] === 'token'

describe('Amazon', () => {
  test('ec2, with a token, and tags that are asked for', async (t) => {
    const endpoint = await metadata(t, EC2, withToken)
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint }
    const config = { detectors: ['ec2'], ec2: { tags: ['^team$'] } }
    assert.deepEqual(await detected(config, { env }), { ...EC2_FOUND, 'ec2.tag.team': 'blue' })
  })

  test('ec2, attributes switched off', async (t) => {
    const world = { metadata: await metadata(t, EC2, withToken) }
    const off = { 'host.id': { enabled: false }, 'host.image.id': { enabled: false } }
    const found = await detected({ detectors: ['ec2'], ec2: { resource_attributes: off } }, world)
    assert.equal('host.id' in found || 'host.image.id' in found, false)
  })

  test('eks by its token, and the cluster by the tags', async (t) => {
    const env = {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
    }
    const on = { 'k8s.cluster.name': { enabled: true }, 'cloud.region': { enabled: true } }
    const config = { detectors: ['eks'], eks: { resource_attributes: on } }
    assert.deepEqual(await detected(config, { env, metadata: await metadata(t, EC2, withToken) }), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_eks',
      'cloud.region': 'eu-central-1',
      'k8s.cluster.name': 'prod',
    })
  })

  test('ecs', async (t) => {
    const task = {
      Cluster: 'prod',
      TaskARN: 'arn:aws:ecs:us-west-2:111122223333:task/prod/158d1c8083dd49d6b527399fd6414f5c',
      Family: 'shop',
      Revision: '26',
      AvailabilityZone: 'us-west-2d',
      LaunchType: 'FARGATE',
    }
    const own = {
      LogDriver: 'awslogs',
      LogOptions: {
        'awslogs-group': '/ecs/g',
        'awslogs-region': 'us-west-2',
        'awslogs-stream': 's',
      },
    }
    const base = await metadata(t, {
      '/v4/x/task': JSON.stringify(task),
      '/v4/x': JSON.stringify(own),
    })
    const env = { ECS_CONTAINER_METADATA_URI_V4: `${base}/v4/x` }
    assert.deepEqual(await detected({ detectors: ['ecs'] }, { env }), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': 'us-west-2',
      'cloud.account.id': '111122223333',
      'cloud.availability_zone': 'us-west-2d',
      'aws.ecs.task.arn': task.TaskARN,
      'aws.ecs.task.id': '158d1c8083dd49d6b527399fd6414f5c',
      'aws.ecs.task.family': 'shop',
      'aws.ecs.task.revision': '26',
      'aws.ecs.cluster.arn': 'arn:aws:ecs:us-west-2:111122223333:cluster/prod',
      'aws.ecs.launchtype': 'fargate',
      'aws.log.group.names': ['/ecs/g'],
      'aws.log.group.arns': ['arn:aws:logs:us-west-2:111122223333:log-group:/ecs/g:*'],
      'aws.log.stream.names': ['s'],
      'aws.log.stream.arns': ['arn:aws:logs:us-west-2:111122223333:log-group:/ecs/g:log-stream:s'],
    })
  })

  test('lambda', async () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_LOG_GROUP_NAME: 'g',
    }
    assert.deepEqual(await detected({ detectors: ['lambda'] }, { env }), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': 'us-east-1',
      'faas.name': 'f',
      'aws.log.group.names': ['g'],
    })
  })
})

const AZURE_PATH = '/metadata/instance/compute?api-version=2020-09-01&format=json'
const COMPUTE = JSON.stringify({
  location: 'westeurope',
  name: 'vm-1',
  vmId: 'vm-id',
  vmSize: 'Standard_D4',
  subscriptionId: 'sub',
  resourceGroupName: 'MC_group_prod_westeurope',
  vmScaleSetName: 'set',
  osProfile: { computerName: 'host-1' },
  tagsList: [{ name: 'team', value: 'blue' }],
})
const withMetadata = ({ headers }: http.IncomingMessage) => headers['metadata'] === 'True'

describe('Azure', () => {
  test('a virtual machine, and tags that are asked for', async (t) => {
    const world = { metadata: await metadata(t, { [AZURE_PATH]: COMPUTE }, withMetadata) }
    assert.deepEqual(await detected({ detectors: ['azure'], azure: { tags: ['te.m'] } }, world), {
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.vm',
      'cloud.region': 'westeurope',
      'cloud.account.id': 'sub',
      'host.id': 'vm-id',
      'host.name': 'host-1',
      'azure.resourcegroup.name': 'MC_group_prod_westeurope',
      'azure.vm.name': 'vm-1',
      'azure.vm.size': 'Standard_D4',
      'azure.vm.scaleset.name': 'set',
      'azure.tag.team': 'blue',
    })
  })

  test('aks', async (t) => {
    const base = await metadata(t, { [AZURE_PATH]: COMPUTE }, withMetadata)
    const on = { 'k8s.cluster.name': { enabled: true } }
    const config = { detectors: ['aks'], aks: { resource_attributes: on } }
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    assert.deepEqual(await detected(config, { env, metadata: base }), {
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.aks',
      'k8s.cluster.name': 'prod',
    })
    assert.deepEqual(await detected(config, { metadata: base }), {})
  })
})

const GCP = {
  '/': 'computeMetadata/',
  '/computeMetadata/v1/project/project-id': 'my-project',
  '/computeMetadata/v1/instance/zone': 'projects/1/zones/europe-west3-a',
  '/computeMetadata/v1/instance/region': 'projects/1/regions/europe-west3',
  '/computeMetadata/v1/instance/machine-type': 'projects/1/machineTypes/e2-small',
  '/computeMetadata/v1/instance/id': '4711',
  '/computeMetadata/v1/instance/name': 'vm-1',
  '/computeMetadata/v1/instance/attributes/cluster-name': 'prod',
  '/computeMetadata/v1/instance/attributes/cluster-location': 'europe-west3',
  '/computeMetadata/v1/instance/attributes/created-by':
    'projects/1/zones/europe-west3-a/instanceGroupManagers/group-1',
}
const FLAVOR = { 'metadata-flavor': 'Google' }
const ofGoogle = ({ headers }: http.IncomingMessage) => headers['metadata-flavor'] === 'Google'

describe('Google', () => {
  const rows: [name: string, env: World['env'], want: object][] = [
    [
      'compute engine',
      {},
      {
        'cloud.platform': 'gcp_compute_engine',
        'cloud.region': 'europe-west3',
        'cloud.availability_zone': 'europe-west3-a',
        'host.type': 'e2-small',
        'host.id': '4711',
        'host.name': 'vm-1',
        'gcp.gce.instance_group_manager.name': 'group-1',
        'gcp.gce.instance_group_manager.zone': 'europe-west3-a',
      },
    ],
    [
      'kubernetes engine',
      { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      {
        'cloud.platform': 'gcp_kubernetes_engine',
        'cloud.region': 'europe-west3',
        'k8s.cluster.name': 'prod',
        'host.id': '4711',
        'host.name': 'vm-1',
      },
    ],
    [
      'cloud run',
      { K_CONFIGURATION: 'c', K_SERVICE: 'shop', K_REVISION: 'shop-7' },
      {
        'cloud.platform': 'gcp_cloud_run',
        'cloud.region': 'europe-west3',
        'faas.name': 'shop',
        'faas.version': 'shop-7',
        'faas.instance': '4711',
      },
    ],
  ]
  for (const [name, env, want] of rows) {
    test(name, async (t) => {
      const base = await metadata(t, GCP, ofGoogle, FLAVOR)
      const world = { env: { ...env, GCE_METADATA_HOST: new URL(base).host } }
      assert.deepEqual(await detected({ detectors: ['gcp'] }, world), {
        'cloud.provider': 'gcp',
        'cloud.account.id': 'my-project',
        ...want,
      })
    })
  }

  test('a service of somebody else is not taken for it', async (t) => {
    const world = { metadata: await metadata(t, GCP) }
    assert.deepEqual(await detected({ detectors: ['gcp'] }, world), {})
  })
})
