import { testLines } from './testing.ts'

testLines('patterns of languages', [
  [
    'JAVASTACKTRACEPART',
    '    at com.shop.Cart.<init>(Cart.java:42)',
    {
      'java.log.origin.class.name': 'com.shop.Cart',
      'log.origin.function': '<init>',
      'log.origin.file.name': 'Cart.java',
      'log.origin.file.line': 42,
    },
  ],
  [
    'TOMCATLOG',
    '22-Nov-2026 08:00:00.123 INFO [main] org.shop.Server.start Server startup in 42 ms',
    {
      timestamp: '22-Nov-2026 08:00:00.123',
      'log.level': 'INFO',
      'java.log.origin.thread.name': 'main',
      'java.log.origin.class.name': 'org.shop.Server',
      'log.origin.function': 'start',
      message: 'Server startup in 42 ms',
    },
  ],
  [
    'TOMCATLOG',
    '2026-11-22 08:00:00 | WARN | org.shop.Server - slow',
    {
      timestamp: '2026-11-22 08:00:00',
      'log.level': 'WARN',
      'java.log.origin.class.name': 'org.shop.Server',
      message: 'slow',
    },
  ],
  [
    'RUBY_LOGGER',
    'I, [2026-11-22T08:00:00.123456 #42]  INFO -- shop: started',
    {
      timestamp: '2026-11-22T08:00:00.123456',
      'process.pid': 42,
      'log.level': 'INFO',
      'process.command': 'shop',
      message: 'started',
    },
  ],
  [
    'RAILS3',
    'Started GET "/a?b=1" for 127.0.0.1 at 2026-11-22 08:00:00 +0000\nProcessing by CartsController#show as HTML\n  Parameters: {"id"=>"1"}\nRendered carts\nCompleted 200 OK in 50ms (Views: 20.5ms | ActiveRecord: 10ms)',
    {
      'http.request.method': 'GET',
      'url.original': '/a?b=1',
      'source.address': '127.0.0.1',
      timestamp: '2026-11-22 08:00:00 +0000',
      'rails.controller.class': 'CartsController',
      'rails.controller.action': 'show',
      'rails.request.format': 'HTML',
      'rails.request.params': '"id"=>"1"',
      'rails.request.explain.original': '\nRendered carts\n',
      'http.response.status_code': 200,
      'rails.request.duration.total': 50,
      'rails.request.duration.view': 20.5,
      'rails.request.duration.active_record': 10,
    },
  ],
  [
    'MCOLLECTIVE',
    'I, [2026-11-22T08:00:00.123456 #4711]  INFO -- : runner.rb:8 The daemon is running',
    { timestamp: '2026-11-22T08:00:00.123456', 'process.pid': 4711, 'log.level': 'INFO' },
  ],
  [
    'MCOLLECTIVEAUDIT',
    '2026-11-22T08:00:00.123456: reqid=1: reqtime=2 caller=cert=a@b agent=rpcutil action=ping',
    { timestamp: '2026-11-22T08:00:00.123456' },
  ],
])
