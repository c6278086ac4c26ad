import { remember } from '../remember.ts'
import { type Statement, statementOf } from '../sql/statement.ts'

/** What names of one connection stand for. */
export class Statements {
  readonly #prepared = new Map<string, Statement>()
  readonly #portals = new Map<string, Statement | undefined>()

  prepare(name: string, sql: string): Statement {
    const statement = statementOf(sql)
    remember(this.#prepared, name, statement)
    return statement
  }

  bind(portal: string, name: string): void {
    remember(this.#portals, portal, this.#prepared.get(name))
  }

  /** Undefined when it was prepared where nobody saw it. */
  ofPortal(portal: string): Statement | undefined {
    return this.#portals.get(portal)
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
