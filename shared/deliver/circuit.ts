import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
import { ChannelError } from '../channels/channel.ts'

/** After this many failures in a row a channel is not called for a while: each call would cost its whole timeout. */
export const CIRCUIT_FAILURES = 5
/** After this time one call probes the channel again. */
export const CIRCUIT_OPEN_MS = 30_000

const circuits = new Map<string, CircuitBreakerPolicy>()

/**
 * Calls a channel through its circuit. Only failures of the channel itself open it: server errors, timeouts, refused
 * connections; not a request to wait, nor a refused message. Each function's process has its own circuits.
 * @throws what `call` throws, or an error that `isCircuitOpen` recognizes when the call was not made.
 */
export function throughCircuit<T>(channel: string, call: () => Promise<T>): Promise<T> {
  const circuit = circuits.get(channel) ?? newCircuit()
  circuits.set(channel, circuit)
  return circuit.execute(call)
}

/** Was the call not made, because the channel failed too often? */
export const isCircuitOpen = isBrokenCircuitError

function newCircuit(): CircuitBreakerPolicy {
  return circuitBreaker(
    handleWhen((error) => error instanceof ChannelError && error.retry === 'later' && error.status !== 429),
    { halfOpenAfter: CIRCUIT_OPEN_MS, breaker: new ConsecutiveBreaker(CIRCUIT_FAILURES) },
  )
}
