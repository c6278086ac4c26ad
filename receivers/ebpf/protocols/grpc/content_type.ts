/** What a content type says of a call: gRPC of HTTP/2, or one of the two forms of gRPC-Web, of which `text` is in base64. */
export type GrpcKind = '' | 'grpc' | 'web' | 'text'

const FORMS: readonly (readonly [type: string, kind: GrpcKind])[] = [
  ['application/grpc-web-text', 'text'],
  ['application/grpc-web', 'web'],
  ['application/grpc', 'grpc'],
]

/** By `application/grpc`, `application/grpc-web` ..., each alone or with a `+proto` or parameters behind it. */
export function grpcKind(contentType: string): GrpcKind {
  if (!contentType.startsWith('application/grpc')) return ''
  const found = FORMS.find(
    ([type]) =>
      contentType.startsWith(type) &&
      (contentType.length === type.length || '+; '.includes(contentType.charAt(type.length))),
  )
  return found?.[1] ?? ''
}

export const isWeb = (kind: GrpcKind): boolean => kind === 'web' || kind === 'text'
