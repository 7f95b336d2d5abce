import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { LambdaLimits } from '../questions/ask.ts'

/** How many invocations may run at once: of the account, and of the functions that have some reserved. */
export async function askLambdaLimits(
  client: LambdaClient,
  functions: string[],
  abortSignal: AbortSignal,
): Promise<LambdaLimits> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}), { abortSignal })
  const reserved: Record<string, number> = {}
  // One after the other: Lambda allows 15 requests a second of all that manage functions (Lambda quotas).
  for (const name of functions) {
    const most = await reservedOf(client, name, abortSignal)
    if (most !== undefined) reserved[name] = most
  }
  const all = AccountLimit?.ConcurrentExecutions ?? 0
  return { all, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? all, reserved }
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
