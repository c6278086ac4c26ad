import { remember } from '../../remember.ts'
import { type Statement, statementOf } from '../sql/statement.ts'

interface Portal {
  /** Undefined when it was prepared where nobody saw it. */
  readonly statement: Statement | undefined
  isBegun: boolean
}

const UNKNOWN: Readonly<Portal> = { statement: undefined, isBegun: false }

/** What names of one connection stand for. */
export class Statements {
  readonly #prepared = new Map<string, Statement>()
  readonly #portals = new Map<string, Portal>()

  prepare(name: string, sql: string): Statement {
    const statement = statementOf(sql)
    remember(this.#prepared, name, statement)
    return statement
  }

  bind(portal: string, name: string): void {
    remember(this.#portals, portal, { statement: this.#prepared.get(name), isBegun: false })
  }

  /** What an Execute runs: all of it, or more rows of what one has begun. */
  execute(name: string): Readonly<Portal> {
    const portal = this.#portals.get(name)
    if (portal === undefined) return UNKNOWN
    const { statement, isBegun } = portal
    portal.isBegun = true
    return { statement, isBegun }
  }

  /** `kind` is S of a statement, P of a portal. */
  close(kind: string, name: string): void {
    if (kind === 'S') this.#prepared.delete(name)
    else this.#portals.delete(name)
  }

  clear(): void {
    this.#prepared.clear()
    this.#portals.clear()
  }
}
