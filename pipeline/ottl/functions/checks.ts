import { BlockList } from 'node:net'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { bool, FALSE } from '../value.ts'

const isInCidr = converter('IsInCIDR', ['target', 'networks'], (args) => {
  const target = args.text('target')
  const networks = args.literalTexts('networks')
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    try {
      list.addSubnet(address, Number(bits), family)
    } catch {
      args.fault('networks', `"${network}" is no network like 10.0.0.0/8`)
    }
  }
  return (frame) => {
    const address = target(frame)
    return bool(list.check(address, address.includes(':') ? 'ipv6' : 'ipv4'))
  }
})

/** Source: ISO/IEC 7812-1, Annex B */
const isValidLuhn = converter('IsValidLuhn', ['value'], (args) => {
  const target = args.textLike('value')
  return (frame) => {
    const digits = target(frame)?.replaceAll(' ', '')
    if (digits === undefined || !/^\d+$/.test(digits)) return FALSE
    const sum = [...digits].reverse().reduce((total, digit, i) => {
      const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
      return total + (doubled > 9 ? doubled - 9 : doubled)
    }, 0)
    return bool(sum % 10 === 0)
  }
})

const log = converter('Log', ['value'], (args) => {
  const value = args.number('value')
  return (frame) => {
    const number = value(frame)
    if (number > 0) return { kind: 'double', value: Math.log(number) }
    throw new EvaluationError(`Log: ${number} is not above 0`)
  }
})

export const checks = [isInCidr, isValidLuhn, log]
