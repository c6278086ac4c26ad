/** Of both the proxy looks up the names. */
export const isSocks = ({ protocol }: URL): boolean =>
  protocol === 'socks5:' || protocol === 'socks5h:'
