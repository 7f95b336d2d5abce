import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { LambdaLimits } from '../questions/ask.ts'

/** How many invocations may run at once: of the account, and of the functions that have some reserved. */
export async function askLambdaLimits(
  client: LambdaClient,
  functions: string[],
  abortSignal: AbortSignal,
): Promise<LambdaLimits> {
  const [{ AccountLimit }, ...reserved] = await Promise.all([
    client.send(new GetAccountSettingsCommand({}), { abortSignal }),
    ...functions.map(async (name) => [name, await reservedOf(client, name, abortSignal)] as const),
  ])
  const all = AccountLimit?.ConcurrentExecutions ?? 0
  return {
    all,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? all,
    reserved: Object.fromEntries(reserved.flatMap(([name, most]) => (most === undefined ? [] : [[name, most]]))),
  }
}

/** Nothing for a function that shares what the account has, or that is not there. */
async function reservedOf(client: LambdaClient, name: string, abortSignal: AbortSignal): Promise<number | undefined> {
  try {
    const found = await client.send(new GetFunctionConcurrencyCommand({ FunctionName: name }), { abortSignal })
    return found.ReservedConcurrentExecutions
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}
