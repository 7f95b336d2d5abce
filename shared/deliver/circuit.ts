import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
import { ChannelError } from '../channels/channel.ts'

/** A channel that failed this often in a row is not called for a while: each call would cost its whole timeout. */
const FAILURES = 5
/** After this time one call tries whether it works again. */
export const CIRCUIT_OPEN_MS = 30_000

const circuits = new Map<string, CircuitBreakerPolicy>()

/**
 * Calls a channel through its circuit. It opens by failures that tell of the channel's health: errors of the server, no
 * answer in time, no connection; not by a request to wait or a message that is refused. Each function's process has
 * its own.
 * @throws what `call` throws, or an error that `isCircuitOpen` knows when it was not called at all.
 */
export function throughCircuit<T>(channel: string, call: () => Promise<T>): Promise<T> {
  const circuit = circuits.get(channel) ?? newCircuit()
  circuits.set(channel, circuit)
  return circuit.execute(call)
}

/** Was the channel not called, because it has failed too often? */
export const isCircuitOpen = isBrokenCircuitError

function newCircuit(): CircuitBreakerPolicy {
  return circuitBreaker(
    handleWhen((error) => error instanceof ChannelError && error.retry === 'later' && error.status !== 429),
    { halfOpenAfter: CIRCUIT_OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES) },
  )
}
