import { testLines } from './testing.ts'

testLines('patterns of systems', [
  [
    'SYSLOG5424LINE',
    '<165>1 2026-11-22T08:00:00.003Z node-7 evntslog 42 ID47 [example@32473 iut="3"][b c="d"] An event',
    {
      'log.syslog.priority': 165,
      'system.syslog.version': '1',
      timestamp: '2026-11-22T08:00:00.003Z',
      'host.name': 'node-7',
      'process.command': 'evntslog',
      'process.pid': 42,
      'event.code': 'ID47',
      'system.syslog.structured_data': '[example@32473 iut="3"][b c="d"]',
      message: 'An event',
    },
  ],
  [
    'CRONLOG',
    'Nov 22 08:00:01 node-7 CRON[42]: (root) CMD (run-parts /etc)',
    {
      timestamp: 'Nov 22 08:00:01',
      'host.name': 'node-7',
      'user.name': 'root',
      'system.cron.action': 'CMD',
      message: 'run-parts /etc',
    },
  ],
  [
    'IPTABLES',
    'IN=eth0 OUT= MAC=0a:00:27:00:00:01:08:00:27:6a:01:02:08:00 SRC=192.0.2.1 DST=198.51.100.9 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=4711 DF PROTO=TCP SPT=51234 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0',
    {
      'observer.ingress.interface.name': 'eth0',
      'destination.mac': '0a:00:27:00:00:01',
      'source.mac': '08:00:27:6a:01:02',
      'source.address': '192.0.2.1',
      'destination.address': '198.51.100.9',
      'iptables.length': 60,
      'iptables.tos': '00',
      'iptables.precedence_bits': '00',
      'iptables.ttl': 64,
      'iptables.id': '4711',
      'iptables.fragment_flags': 'DF',
      'network.transport': 'TCP',
      'source.port': 51234,
      'destination.port': 22,
      'iptables.tcp.window': 64240,
      'iptables.tcp_reserved_bits': '00',
      'iptables.tcp.flags': 'SYN ',
    },
  ],
])
