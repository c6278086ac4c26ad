/** How many tests ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 }

export function sum(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    NONE,
  )
}

/** The line that a run ends with, and that `readClosingLine` reads. */
export const closingLine = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** What a run's last closing line says. A run without one, without a test or with another exit code than 0 has failed. */
export function readClosingLine(output: string, exitCode: number | null): Counts {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped\r?$/gm)]
  const [passed = 0, failed = 0, skipped = 0] = (lines.at(-1) ?? []).slice(1).map(Number)
  const isGood = exitCode === 0 && passed + skipped > 0
  return { passed, failed: isGood ? failed : Math.max(1, failed), skipped }
}
