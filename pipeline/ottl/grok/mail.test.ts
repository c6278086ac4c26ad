/** As ExtractGrokPatterns of the Collector 0.159 reads them, which does not know ids of Exim since 4.97, and no name without parentheses. */
import { testLines } from './testing.ts'

testLines('patterns of mail servers', [
  [
    'EXIM',
    '2026-11-22 08:00:00 [4711] 1u2Ab3-0005MB-00 <= kryten@dwarf.example H=(mail.example) [192.168.123.123]:4711 I=[10.0.0.1]:25 P=smtp S=5678 id=abc@dwarf.example T="A \\"test\\"" from <kryten@dwarf.example> for lister@red.example',
    {
      timestamp: '2026-11-22 08:00:00',
      'process.pid': 4711,
      'exim.log.message.id': '1u2Ab3-0005MB-00',
      'exim.log.flags': '<=',
      'exim.log.sender.email': 'kryten@dwarf.example',
      'source.host.name': 'mail.example',
      'source.address': '192.168.123.123',
      'source.port': 4711,
      'destination.address': '10.0.0.1',
      'destination.port': 25,
      'network.protocol.name': 'smtp',
      'exim.log.message.body.size': 5678,
      'exim.log.header_id': 'abc@dwarf.example',
      'exim.log.message.subject': 'A \\"test\\"',
      'exim.log.sender.original': 'kryten@dwarf.example',
      'exim.log.recipient.email': 'lister@red.example',
    },
  ],
  [
    'EXIM',
    '2026-11-22 08:00:00 1u2Ab3-0005MB-00 <= kryten@dwarf.example U=exim P=local S=5678',
    {
      timestamp: '2026-11-22 08:00:00',
      'exim.log.message.id': '1u2Ab3-0005MB-00',
      'exim.log.flags': '<=',
      'exim.log.sender.email': 'kryten@dwarf.example',
      'network.protocol.name': 'local',
      'exim.log.message.body.size': 5678,
    },
  ],
  [
    'EXIM',
    '2026-11-22 08:00:00 1u2Ab3-00000005MBx-1abc <= kryten@dwarf.example H=mailer.example [192.168.123.123] P=esmtp S=1',
    {
      timestamp: '2026-11-22 08:00:00',
      'exim.log.message.id': '1u2Ab3-00000005MBx-1abc',
      'exim.log.flags': '<=',
      'exim.log.sender.email': 'kryten@dwarf.example',
      'source.host.name': 'mailer.example',
      'source.address': '192.168.123.123',
      'network.protocol.name': 'esmtp',
      'exim.log.message.body.size': 1,
    },
  ],
])
