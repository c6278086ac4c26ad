/** Set on a span that was seen in part, to the name of the reason. */
export const ATTR_WEIR_PARTIAL = 'weir.partial'
