import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What set-up makes: gone with `rm -rf build`. */
export const BUILD = join(ROOT, 'build')

/** Downloads, outside the checkout, so that a second clone needs no network. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'weir')
