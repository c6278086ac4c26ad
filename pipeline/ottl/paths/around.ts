import { kvlist, text } from '../value.ts'
import { type Fields, MAP, member, own, SMALL, TEXT } from './field.ts'

/** Fields of resources and scopes, and what came with the request. */
export const resourceFields: Fields = {
  attributes: member('resource', 'attributes', MAP),
  dropped_attributes_count: member('resource', 'droppedAttributesCount', SMALL),
  schema_url: own('resourceSchemaUrl', TEXT),
}

export const scopeFields: Fields = {
  name: member('scope', 'name', TEXT),
  version: member('scope', 'version', TEXT),
  attributes: member('scope', 'attributes', MAP),
  dropped_attributes_count: member('scope', 'droppedAttributesCount', SMALL),
  schema_url: own('scopeSchemaUrl', TEXT),
}

/** `otelcol.client.addr`, and `otelcol.client.metadata["name"]`, a list. */
export const otelcolFields: Fields = {
  client: {
    get: () => undefined,
    fields: {
      addr: {
        get: ({ info }) => (info.client === undefined ? undefined : text(info.client.address)),
      },
      metadata: {
        get: ({ info }) =>
          kvlist(
            [...(info.client?.metadata ?? [])].map(([key, values]) => ({
              key,
              value: { kind: 'array', value: values.map(text) },
            })),
          ),
      },
    },
  },
}
