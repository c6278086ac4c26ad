import { buildGoModule } from './go_module.mjs'

/** Of the server's 3.15: modules of Go count in a row of their own. */
const VERSION = '0.315.0'
const MODULE = 'github.com/prometheus/prometheus'

/** A Prometheus 3 without what finds services in clouds: 3 minutes of one core. */
export const bringPrometheus = () =>
  buildGoModule({
    folder: 'prometheus',
    name: 'prometheus',
    version: VERSION,
    mod: () => `module weir.test/prometheus\n\ngo 1.26\n\nrequire ${MODULE} v${VERSION}\n`,
    path: `${MODULE}/cmd/prometheus`,
    tags: 'remove_all_sd',
  })
