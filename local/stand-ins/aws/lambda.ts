import {
  GetAccountSettings$,
  type GetAccountSettingsCommandInput,
  type GetAccountSettingsCommandOutput,
  GetFunctionConcurrency$,
  type GetFunctionConcurrencyCommandInput,
  type GetFunctionConcurrencyCommandOutput,
  ListFunctions$,
  type ListFunctionsCommandInput,
  type ListFunctionsCommandOutput,
} from '@aws-sdk/client-lambda'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** On one page, even when a request asks for more. */
const PAGE = 50

/** What of Lambda is asked (Lambda API Reference). */
export const LAMBDA: Operation[] = [
  operation<GetAccountSettingsCommandInput, GetAccountSettingsCommandOutput>(
    'lambda',
    GetAccountSettings$,
    (_, { data }) => data.accountSettings,
  ),
  operation<ListFunctionsCommandInput, ListFunctionsCommandOutput>('lambda', ListFunctions$, listFunctions, {
    bounds: { MaxItems: [1, 10_000] },
  }),
  operation<GetFunctionConcurrencyCommandInput, GetFunctionConcurrencyCommandOutput>(
    'lambda',
    GetFunctionConcurrency$,
    getFunctionConcurrency,
  ),
]

function listFunctions(input: ListFunctionsCommandInput, asked: Asked): Omit<ListFunctionsCommandOutput, '$metadata'> {
  const size = Math.min(PAGE, input.MaxItems ?? PAGE)
  const { items, next } = page(asked.data.functions, { token: input.Marker, size, of: input }, asked)
  return { Functions: items, NextMarker: next }
}

/** Nothing for a function that has none reserved; 0 is one that is switched off. */
function getFunctionConcurrency(
  { FunctionName = '' }: GetFunctionConcurrencyCommandInput,
  { data, region }: Asked,
): Omit<GetFunctionConcurrencyCommandOutput, '$metadata'> {
  const name = FunctionName.replace(/^.*:function:/, '')
  const arn = `arn:aws:lambda:${region}:${data.account}:function:${name}`
  if (!data.functions.some((one) => one.FunctionName === name)) {
    throw new Refusal('ResourceNotFoundException', `Function not found: ${arn}`, 404, { Type: 'User' })
  }
  const reserved = data.reservedConcurrency[name]
  return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved }
}
