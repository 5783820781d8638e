import { asJsonObject, type JsonObject } from '../../json.ts';
import type { ClientRequest } from '../exchange.ts';

/** Tools that the client runs, if it runs them at all: of two answers it sees one. Anthropic's own need no type. */
const ofClient = new Set<unknown>([undefined, null, 'function', 'custom']);

/**
 * Whether two models may answer the same request, of whom one is broken off. Not where the provider keeps an answer, goes on
 * with it by itself, or runs tools for it.
 */
export function isHarmlessTwice({ protocol, json }: Pick<ClientRequest, 'protocol' | 'json'>) {
  // Responses are kept unless the client says otherwise, everything else only if it says so.
  const isKept = protocol === 'responses' ? json['store'] !== false : json['store'] === true;
  const goesOn = json['background'] === true || Boolean(json['conversation']);
  return !isKept && !goesOn && !runsTools(json);
}

function runsTools(json: JsonObject): boolean {
  const tools = Array.isArray(json['tools']) ? json['tools'] : [];
  const servers = Array.isArray(json['mcp_servers']) ? json['mcp_servers'] : [];
  return servers.length > 0 || tools.some((tool) => !ofClient.has(asJsonObject(tool)?.['type']));
}
