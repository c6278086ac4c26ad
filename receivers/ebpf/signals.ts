/** The signals that an exchange gives; undefined: all. Whoever leaves one out has counted why. */
export type Only = 'traces' | 'metrics' | undefined
