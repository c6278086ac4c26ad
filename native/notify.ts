import { addon } from './addon.ts'

/**
 * Sends a datagram to a unix socket; a path that begins with `@` is an abstract name. Throws with the `code` of the errno.
 * Source: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export const notify = (path: string, message: string): void => addon.notify(path, message)
