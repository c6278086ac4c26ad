import { fileURLToPath } from 'node:url'

/** The folder of package.json and build/, with a slash at its end. Compiled or bundled, this code lies two folders below it. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
