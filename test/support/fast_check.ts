import fc from 'fast-check'

/**
 * fast-check as all tests use it: the same cases on every run, unless WEIR_SEED names others; no hunt for the smallest
 * counterexample, which of large batches takes minutes.
 */
fc.configureGlobal({ seed: Number(process.env['WEIR_SEED'] ?? 20_261_121), endOnFailure: true })

export { fc }
