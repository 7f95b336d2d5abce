import type { HttpAnswer } from '../exchange.ts'

export function items(Items: object[]): HttpAnswer {
  return { status: 200, body: { Items } }
}

export function refused(status: number, type: string, Message: string, more: object = {}): HttpAnswer {
  return { status, headers: { 'x-amzn-errortype': type }, body: { Message, ...more } }
}
