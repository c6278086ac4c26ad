import { remember } from '../../remember.ts'

export type MysqlSystem = 'mysql' | 'mariadb'

/** Servers remembered by address; the one told longest ago goes first. */
const MAX_SERVERS = 1024

/**
 * Which servers are MariaDB: their greeting says so, which nobody sees of a connection that is older than weir, and which comes
 * before TLS, whose plaintext is a connection of its own.
 */
export class Servers {
  readonly #systems = new Map<string, MysqlSystem>()

  tell(address: string, system: MysqlSystem): void {
    if (address !== '') remember(this.#systems, address, system, MAX_SERVERS)
  }

  systemOf(address: string): MysqlSystem {
    return this.#systems.get(address) ?? 'mysql'
  }
}
