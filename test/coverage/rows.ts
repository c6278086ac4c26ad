import type { CoverageRow } from './row.ts'
import { dotnet } from './rows/dotnet.ts'
import { java } from './rows/java.ts'
import { javascript } from './rows/javascript.ts'
import { native } from './rows/native.ts'
import { openssls } from './rows/openssl.ts'
import { python } from './rows/python.ts'
import { scripting } from './rows/scripting.ts'

/** Every line of docs/coverage.md, in its order. */
export const coverageRows: readonly CoverageRow[] = [
  ...javascript,
  ...python,
  ...scripting,
  ...java,
  ...dotnet,
  ...native,
  ...openssls,
]
