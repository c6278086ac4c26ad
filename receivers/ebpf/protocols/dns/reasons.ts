import type { Reason } from '../../reasons.ts'

/** What DNS counts, numbers 19xx. */
export const DNS_REASONS = {
  dns_not_traced: {
    number: 1901,
    kind: 'skipped',
    text: 'a lookup was seen, and measured if a metrics pipeline wants that; receivers::ebpf::dns::spans is off',
    fix: '',
  },
  dns_unread: {
    number: 1902,
    kind: 'note',
    text: 'a datagram or message on a port of DNS that is no query about one name, no response to one, or was captured too short',
    fix: '',
  },
  dns_unasked: {
    number: 1903,
    kind: 'note',
    text: 'an answer that nothing waits for: its query is older than weir, was given up, or had an answer already',
    fix: '',
  },
  dns_too_many: {
    number: 1904,
    kind: 'lost',
    text: 'more lookups than weir keeps waited for answers: the oldest went',
    fix: '',
  },
  dns_record_lost: {
    number: 1905,
    kind: 'lost',
    text: 'a lookup has no answer, and records of datagrams were lost meanwhile: whether it had one is not known',
    fix: 'see ring_full_datagram in the same list',
  },
  dns_cut_off: {
    number: 1906,
    kind: 'lost',
    text: 'a lookup waited for its answer when weir stopped',
    fix: '',
  },
} as const satisfies Record<string, Reason>
