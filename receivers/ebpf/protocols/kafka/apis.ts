export interface Api {
  readonly name: string
  /** Whose layout is known here. */
  readonly newest: number
  /** The first with compact lengths and tagged fields. */
  readonly flexible: number
}

const NEVER = 1 << 15

/** Source: https://kafka.apache.org/protocol.html#protocol_api_keys, release 4.1; 4 to 7 are of older ones. */
const APIS: Readonly<Record<number, readonly [name: string, newest: number, flexible: number]>> = {
  0: ['Produce', 13, 9],
  1: ['Fetch', 18, 12],
  2: ['ListOffsets', 10, 6],
  3: ['Metadata', 13, 9],
  4: ['LeaderAndIsr', 7, 4],
  5: ['StopReplica', 4, 2],
  6: ['UpdateMetadata', 8, 6],
  7: ['ControlledShutdown', 3, 3],
  8: ['OffsetCommit', 10, 8],
  9: ['OffsetFetch', 10, 6],
  10: ['FindCoordinator', 6, 3],
  11: ['JoinGroup', 9, 6],
  12: ['Heartbeat', 4, 4],
  13: ['LeaveGroup', 5, 4],
  14: ['SyncGroup', 5, 4],
  15: ['DescribeGroups', 6, 5],
  16: ['ListGroups', 5, 3],
  17: ['SaslHandshake', 1, NEVER],
  18: ['ApiVersions', 4, 3],
  19: ['CreateTopics', 7, 5],
  20: ['DeleteTopics', 6, 4],
  21: ['DeleteRecords', 2, 2],
  22: ['InitProducerId', 6, 2],
  23: ['OffsetForLeaderEpoch', 4, 4],
  24: ['AddPartitionsToTxn', 5, 3],
  25: ['AddOffsetsToTxn', 4, 3],
  26: ['EndTxn', 5, 3],
  27: ['WriteTxnMarkers', 1, 1],
  28: ['TxnOffsetCommit', 5, 3],
  29: ['DescribeAcls', 3, 2],
  30: ['CreateAcls', 3, 2],
  31: ['DeleteAcls', 3, 2],
  32: ['DescribeConfigs', 4, 4],
  33: ['AlterConfigs', 2, 2],
  34: ['AlterReplicaLogDirs', 2, 2],
  35: ['DescribeLogDirs', 4, 2],
  36: ['SaslAuthenticate', 2, 2],
  37: ['CreatePartitions', 3, 2],
  38: ['CreateDelegationToken', 3, 2],
  39: ['RenewDelegationToken', 2, 2],
  40: ['ExpireDelegationToken', 2, 2],
  41: ['DescribeDelegationToken', 3, 2],
  42: ['DeleteGroups', 2, 2],
  43: ['ElectLeaders', 2, 2],
  44: ['IncrementalAlterConfigs', 1, 1],
  45: ['AlterPartitionReassignments', 1, 0],
  46: ['ListPartitionReassignments', 0, 0],
  47: ['OffsetDelete', 0, NEVER],
  48: ['DescribeClientQuotas', 1, 1],
  49: ['AlterClientQuotas', 1, 1],
  50: ['DescribeUserScramCredentials', 0, 0],
  51: ['AlterUserScramCredentials', 0, 0],
  52: ['Vote', 2, 0],
  53: ['BeginQuorumEpoch', 1, 1],
  54: ['EndQuorumEpoch', 1, 1],
  55: ['DescribeQuorum', 2, 0],
  56: ['AlterPartition', 3, 0],
  57: ['UpdateFeatures', 2, 0],
  58: ['Envelope', 0, 0],
  59: ['FetchSnapshot', 1, 0],
  60: ['DescribeCluster', 2, 0],
  61: ['DescribeProducers', 0, 0],
  62: ['BrokerRegistration', 4, 0],
  63: ['BrokerHeartbeat', 1, 0],
  64: ['UnregisterBroker', 0, 0],
  65: ['DescribeTransactions', 0, 0],
  66: ['ListTransactions', 2, 0],
  67: ['AllocateProducerIds', 0, 0],
  68: ['ConsumerGroupHeartbeat', 1, 0],
  69: ['ConsumerGroupDescribe', 1, 0],
  70: ['ControllerRegistration', 0, 0],
  71: ['GetTelemetrySubscriptions', 0, 0],
  72: ['PushTelemetry', 0, 0],
  73: ['AssignReplicasToDirs', 0, 0],
  74: ['ListConfigResources', 1, 0],
  75: ['DescribeTopicPartitions', 0, 0],
  76: ['ShareGroupHeartbeat', 1, 0],
  77: ['ShareGroupDescribe', 1, 0],
  78: ['ShareFetch', 1, 0],
  79: ['ShareAcknowledge', 1, 0],
  80: ['AddRaftVoter', 0, 0],
  81: ['RemoveRaftVoter', 0, 0],
  82: ['UpdateRaftVoter', 0, 0],
  83: ['InitializeShareGroupState', 0, 0],
  84: ['ReadShareGroupState', 0, 0],
  85: ['WriteShareGroupState', 0, 0],
  86: ['DeleteShareGroupState', 0, 0],
  87: ['ReadShareGroupStateSummary', 0, 0],
  88: ['StreamsGroupHeartbeat', 0, 0],
  89: ['StreamsGroupDescribe', 0, 0],
  90: ['DescribeShareGroupOffsets', 0, 0],
  91: ['AlterShareGroupOffsets', 0, 0],
  92: ['DeleteShareGroupOffsets', 0, 0],
}

/** Ahead of what is known, versions may go this far: their bodies are not read. */
const FUTURE_VERSIONS = 3

/** Undefined: no client sends that. */
export function apiOf(key: number, version: number): Api | undefined {
  const [name, newest, flexible] = APIS[key] ?? []
  if (name === undefined || newest === undefined || flexible === undefined) return undefined
  if (version < 0 || version > newest + FUTURE_VERSIONS) return undefined
  return { name, newest, flexible }
}

/** The keys of those that are read or told. */
export const KEYS = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  leaveGroup: 13,
  syncGroup: 14,
  apiVersions: 18,
  createTopics: 19,
  deleteTopics: 20,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
  groupHeartbeat: 68,
} as const
