import { BlockList } from 'node:net'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { bool, FALSE } from '../value.ts'
import { toDouble } from './types.ts'

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
const isValidLuhn = converter('IsValidLuhn', ['target'], (args) => {
  const target = args.textLike('target')
  return (frame) => {
    const digits = target(frame)?.replaceAll(' ', '')
    if (digits === '') return FALSE
    if (digits === undefined || !/^\d+$/.test(digits)) {
      throw new EvaluationError('IsValidLuhn: target must be digits')
    }
    const sum = [...digits].reverse().reduce((total, digit, i) => {
      const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
      return total + (doubled > 9 ? doubled - 9 : doubled)
    }, 0)
    return bool(sum % 10 === 0)
  }
})

const log = converter('Log', ['target'], (args) => {
  const target = args.value('target')
  return (frame) => {
    const value = target(frame)
    const number = value === undefined ? undefined : toDouble(value)
    if (number?.kind !== 'double') throw new EvaluationError('Log: target must be a number')
    if (number.value > 0) return { kind: 'double', value: Math.log(number.value) }
    throw new EvaluationError(`Log: ${number.value} is not above 0`)
  }
})

export const checks = [isInCidr, isValidLuhn, log]
