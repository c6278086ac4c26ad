import type { Flags, Verb } from './verb.ts'

const CONFIG_FLAGS: Flags = {
  config: {
    value: 'URI',
    repeatable: true,
    about:
      'A file, env:VAR, yaml:TEXT, http: or https: URL. Later ones are merged over earlier ones.',
  },
  set: {
    value: 'KEY=VALUE',
    repeatable: true,
    about: 'Overrides one key, as processors.batch.timeout=2s.',
  },
  'skip-unsupported': {
    about:
      "Leaves out what the Collector's contrib distribution has and weir has not, with a warning.",
  },
  'feature-gates': {
    value: 'GATES',
    repeatable: true,
    mayBeEmpty: true,
    about: "The Collector's gates, as a,-b. See `weir featuregate`.",
  },
}

const SOCKET_FLAG: Flags = {
  socket: {
    value: 'PATH',
    about: 'Where the agent answers: /run/weir/weir.sock if not given.',
  },
}

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: 'run',
    summary: 'Watch this machine and send what is seen (the default)',
    details:
      'Without --config: one line on the terminal per request, and OTLP to OTEL_EXPORTER_OTLP_ENDPOINT if that is set.\n' +
      'SIGINT and SIGTERM drain and stop; a second one stops at once. SIGHUP reads the configuration again.',
    flags: {
      ...CONFIG_FLAGS,
      watch: { about: 'Reads the configuration again when one of its files changes.' },
    },
    run: async (args) => (await import('./run.ts')).run(args),
  },
  {
    name: 'validate',
    summary: 'Check a configuration and start nothing',
    details: 'Silent if it is good; else every mistake with its file, line and column, and exit 1.',
    flags: CONFIG_FLAGS,
    run: async (args) => (await import('./validate.ts')).run(args),
  },
  {
    name: 'components',
    summary: 'List what a configuration may name, or tell all about one of them',
    flags: {
      docs: {
        value: 'NAME',
        about: 'Prints what it is for, its options with their defaults, and its limits.',
      },
    },
    run: async (args) => (await import('./components.ts')).run(args),
  },
  {
    name: 'print-config',
    alias: 'print-initial-config',
    summary: 'Print the configuration after merging and expansion',
    details: 'Values that are secrets by their schema print as [REDACTED].',
    flags: {
      ...CONFIG_FLAGS,
      origins: { about: 'Shows where each value came from.' },
      validate: { about: 'Prints nothing but the mistakes if there are any.' },
      format: { value: 'yaml|json', about: 'yaml if not given.' },
      mode: { value: 'redacted|unredacted', about: 'redacted if not given.' },
    },
    run: async (args) => (await import('./print_config.ts')).run(args),
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of the configuration, for editors',
    flags: {},
    run: async () => (await import('./schema.ts')).run(),
  },
  {
    name: 'explain',
    summary: 'Say which processes are watched, why, and what is seen of them',
    details:
      "TARGET is a process id, a port (`8080`, `:8080`), a part of a service's or an executable's name, or `all`; without it, a line for\n" +
      'each watched process. Asks the running agent; without one it says what a configuration would select. Exit 1 if nothing is found.',
    words: ['target'],
    flags: {
      ...CONFIG_FLAGS,
      ...SOCKET_FLAG,
      json: { about: 'Prints JSON.' },
    },
    run: async (args) => (await import('./explain.ts')).run(args),
  },
  {
    name: 'tail',
    summary: 'Print spans as they leave the running agent',
    details:
      'Filters are service=cart, status>=500, duration>100ms, path~/api and their like; all must hold. Fields: service namespace pid kind name\n' +
      'method route path status error duration trace, and attributes of the span by their names. Operators: = != ~ !~ > >= < <=. Waits for\n' +
      'the agent if there is none, and when it starts anew.',
    words: ['filter'],
    repeatsWord: true,
    flags: {
      ...SOCKET_FLAG,
      json: { about: 'Prints a JSON object for each span.' },
    },
    run: async (args) => (await import('./tail.ts')).run(args),
  },
  {
    name: 'top',
    summary: 'Show requests, errors and times of each service, as they are now',
    details:
      'A page every two seconds, of the last ten. On a terminal: up and down mark a line, enter goes from a service into its routes and from a\n' +
      'route to its peers, esc back, b changes what lines are, s the order, q ends. Elsewhere pages follow each other. Filters are those of\n' +
      '`weir tail`.',
    words: ['filter'],
    repeatsWord: true,
    flags: {
      ...SOCKET_FLAG,
      by: { value: 'service|route|peer', about: 'What a line is: service if not given.' },
      sort: {
        value: 'rate|errors|p50|p99|coverage|lost|cpu|probes|name',
        about: 'rate if not given.',
      },
    },
    run: async (args) => (await import('./top.ts')).run(args),
  },
  {
    name: 'doctor',
    summary: 'Try on this machine what a configuration needs, and say what is missing',
    details:
      "Loads and attaches every program beside a running agent, and goes to each exporter's endpoint. Exit 0 if all works, 3 if something is\n" +
      'degraded, 1 if something failed.',
    flags: {
      ...CONFIG_FLAGS,
      json: { about: 'Prints JSON.' },
      systemd: {
        about: 'Prints a unit for this machine, with the fewest capabilities that work here.',
      },
    },
    run: async (args) => (await import('./doctor.ts')).run(args),
  },
  {
    name: 'featuregate',
    summary: "List the Collector's feature gates that weir knows",
    words: ['id'],
    flags: {},
    run: async (args) => (await import('./featuregate.ts')).run(args),
  },
]
