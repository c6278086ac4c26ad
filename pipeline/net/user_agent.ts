/** How exporters call themselves. */
export const USER_AGENT = `weir (${process.platform}/${process.arch})`
