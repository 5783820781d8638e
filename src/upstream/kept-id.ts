import { asJsonObject, type JsonObject } from '../json.ts';
import type { Exchange } from './exchange.ts';

/**
 * By what a later request can go on from an answer of the Responses API, whole or in its stream's first event; undefined
 * where it was translated, since then nobody keeps it.
 */
export function keptIdOf(
  payload: JsonObject | undefined,
  { protocol, clientProtocol }: Pick<Exchange, 'protocol' | 'clientProtocol'>,
): string | undefined {
  if (protocol !== 'responses' || clientProtocol !== 'responses') return undefined;
  const id = (asJsonObject(payload?.['response']) ?? payload)?.['id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
