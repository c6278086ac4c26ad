import { startNginxBy } from '../../truth/nginx.ts'
import { fpmLocations, startFpm } from '../php_fpm.ts'
import { client, program, quietProgram, versionOf } from '../programs.ts'
import type { CoverageRow } from '../row.ts'
import { erlang, libssl, plain, script } from './kinds.ts'

const ruby = { version: versionOf(/ruby ([\d.]+)/, 'ruby', '--version') }
const WEBRICK = ['ruby', script('webrick.rb')]
const puma = (bind: string) => [
  ...['puma', '--environment', 'none', '--quiet', '--threads', '4:4', '--bind', bind],
  script('config.ru'),
]

const rubies: readonly CoverageRow[] = [
  { ...ruby, ...plain, small: false, program: 'Ruby, WEBrick', serve: program(false, ...WEBRICK) },
  { ...ruby, ...libssl, program: 'Ruby, WEBrick', serve: program(true, ...WEBRICK) },
  { ...ruby, ...libssl, program: 'Ruby, Net::HTTP', ask: client('ruby', script('fetch.rb')) },
  {
    ...ruby,
    ...plain,
    small: false,
    program: 'Ruby, Puma',
    serve: quietProgram((port) => puma(`tcp://127.0.0.1:${port}`)),
  },
  {
    ...ruby,
    ...libssl,
    program: 'Ruby, Puma',
    serve: quietProgram((port, { certificate: { cert, key } }) =>
      puma(`ssl://127.0.0.1:${port}?cert=${cert}&key=${key}&verify_mode=none`),
    ),
  },
]

const php = { version: versionOf(/PHP ([\d.]+)/, 'php', '--version') }

const phps: readonly CoverageRow[] = [
  {
    ...php,
    ...plain,
    program: 'PHP, php -S',
    serve: quietProgram((port) => ['php', '-S', `127.0.0.1:${port}`, script('site.php')]),
  },
  { ...php, ...libssl, program: 'PHP, https wrapper', ask: client('php', script('fetch.php')) },
  {
    ...php,
    ...libssl,
    program: 'PHP-FPM behind nginx',
    serve: async ({ folder, certificate }, launcher) => {
      const fpm = await startFpm(folder)
      const nginx = await startNginxBy(launcher, fpmLocations(fpm.port))(folder, certificate)
      return {
        port: nginx.port,
        stop: async () => {
          await nginx.stop()
          await fpm.stop()
        },
      }
    },
  },
]

const RELEASE = 'io:format("~s~n", [erlang:system_info(otp_release)]), halt().'
const otp = {
  program: "Erlang/OTP's httpd",
  version: versionOf(/(\d+)/, 'erl', '-noshell', '-eval', RELEASE),
}
const HTTPD = ['escript', script('inets.escript')]

export const scripting: readonly CoverageRow[] = [
  ...rubies,
  ...phps,
  { ...otp, ...plain, small: false, serve: program(false, ...HTTPD) },
  { ...otp, ...erlang, serve: program(true, ...HTTPD) },
]
