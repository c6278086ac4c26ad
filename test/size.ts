/** `npm test` runs each row once and small; `npm run test:all` the numbers that issues name. */
export const full = process.env['WEIR_FULL'] === '1'

/** In a guest, which is 20 times slower: what is the same to every kernel it need not play in full. */
export const emulated = process.env['WEIR_EMULATED'] === '1'

/** So much longer everything takes there, at most. */
export const slowness = emulated ? 20 : 1

/** Requests of one truth row. */
export const requests = full ? 10_000 : 200

/** Connections that these are spread over, in turn. */
export const connectionCounts: readonly number[] = full ? [1, 64] : [4]

/** Rounds of `each` operations that every one of `connections` has to play. */
export const roundsOf = (connections: number, each: number): string =>
  String(Math.ceil(requests / (connections * each)))

/** The same in a guest. */
export const guestRequests = full ? 2000 : 200

/** Times that the agent is killed under load. */
export const kills = full ? 50 : 2

/** Seconds that a backend stays away. */
export const outageSeconds = full ? 600 : 5

/** Times that weir is killed while its queue on disk is under load. */
export const queueKills = full ? 100 : 2

/** Seconds for which an idle machine must export nothing. */
export const idleSeconds = full ? 60 : 5

/** Times that weir takes another configuration under load. */
export const reloads = full ? 50 : 5

/** Connections that are open at once. */
export const openConnections = full && !emulated ? 50_000 : 3000

/** Times that an object is loaded and closed; 200 show the same leak as 10,000. */
export const loads = full && !emulated ? 10_000 : 200

/** Processes that are watched at once. */
export const crowd = full ? 5000 : 500

/** Programs, and processes of each, that run when weir starts. */
export const programs = full ? 50 : 10
export const processesOfEach = 10

/** Seconds of 500 starts each. */
export const startSeconds = full ? 20 : 2

/** MiB of an executable that is looked into. */
export const executableMiB = full ? 300 : 60

/** Bytes of each kind of traffic that must give no span. */
export const otherBytes = full ? 200e6 : 1e6

/** The same, of all protocols in turn. */
export const mixedConnections = full ? 50_000 : 700
