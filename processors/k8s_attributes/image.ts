/** An image as `registry:5000/team/name:tag@sha256:...` says it. */
export interface Image {
  readonly name: string
  /** '' if only the digest is said. */
  readonly tag: string
  readonly digest: string
}

/** Source: https://github.com/distribution/reference, grammar */
export function parseImage(text: string): Image {
  const [reference = '', digest = ''] = text.split('@', 2)
  const slash = reference.lastIndexOf('/')
  const colon = reference.indexOf(':', slash + 1)
  if (colon >= 0)
    return { name: reference.slice(0, colon), tag: reference.slice(colon + 1), digest }
  return { name: reference, tag: digest === '' ? 'latest' : '', digest }
}

/** What an image id of a container's status says of where the image was pulled from. */
export const repoDigest = (imageId: string): string => {
  const bare = imageId.replace(/^[a-z-]+:\/\//, '')
  return bare.includes('@') ? bare : ''
}
