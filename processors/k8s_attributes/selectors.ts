import type { K8sConfig } from './config.ts'

type Filter = K8sConfig['filter']

/** The node whose pods are meant; '' is all. Throws if the variable that names it is not set. */
export function nodeOf({ node, node_from_env_var: name }: Filter, env = process.env): string {
  if (name === '') return node
  const value = env[name] ?? ''
  if (value === '')
    throw new Error(`\`node_from_env_var\` is configured but envvar "${name}" is not set`)
  return value
}

export function fieldSelectorOf({ fields }: Filter, node: string): string {
  const parts = fields.map(({ key, value, op }) => `${key}${op === 'equals' ? '=' : '!='}${value}`)
  return [...(node === '' ? [] : [`spec.nodeName=${node}`]), ...parts].join(',')
}

export const labelSelectorOf = ({ labels }: Filter): string =>
  labels
    .map(({ key, value, op }) => {
      switch (op) {
        case 'exists':
          return key
        case 'does-not-exist':
          return `!${key}`
        default:
          return `${key}${op === 'equals' ? '=' : '!='}${value}`
      }
    })
    .join(',')
