import { type Catalogue, type Deployment, findDeployment } from '../config/catalogue.ts';
import type { JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import { type Candidate, demoName, demoSpeaks } from '../routing/plan.ts';
import type { FindTranslation } from '../upstream/exchange.ts';
import type { Target } from '../upstream/target.ts';
import type { ReadableReasoning } from '../upstream/without-reasoning.ts';
import type { ServedBefore } from './conversation-hold.ts';

/** In which of its protocols a model is asked: the client's own if it can be, else the first there is a way to. */
function chooseProtocol(
  client: Protocol,
  speaks: readonly Protocol[],
  findTranslation: FindTranslation,
): Protocol | undefined {
  if (speaks.includes(client)) return client;
  return speaks.find((protocol) => findTranslation(client, protocol) !== undefined);
}

/** Tells of every deployment why this request can't be put to it; what is the same for many is tried once. */
export function createSpeakability(
  request: { readonly protocol: Protocol; readonly json: JsonObject },
  findTranslation: FindTranslation,
): (deployment: Deployment) => string | undefined {
  const known = new Map<Protocol, string | undefined>();
  return ({ speaks, maxOutputTokens }) => {
    const protocol = chooseProtocol(request.protocol, speaks, findTranslation);
    if (protocol === undefined) return `speaks ${speaks.join(' and ')}, not ${request.protocol}`;
    if (protocol === request.protocol) return undefined;
    if (!known.has(protocol)) {
      const translated = findTranslation(request.protocol, protocol)?.request(request.json, {
        maxOutputTokens,
      });
      const reason = translated?.kind === 'untranslatable' ? translated.reason : undefined;
      known.set(protocol, reason && `asked in ${protocol}: ${reason}`);
    }
    return known.get(protocol);
  };
}

/** Until the provider changes for the first time there is nothing of another. */
function toReadable(provider: string, before: ServedBefore | undefined): ReadableReasoning {
  if (before === undefined) return 'all';
  if (before.provider !== provider) return 'none';
  return before.isMixed ? 'current' : 'all';
}

/** The candidates that may be asked, resolved to what has to be called. */
export function toTargets(
  candidates: readonly Candidate[],
  how: {
    readonly catalogue: Catalogue;
    readonly client: Protocol;
    readonly findTranslation: FindTranslation;
    /** Who served the conversation before, where somebody knows. */
    readonly before?: ServedBefore | undefined;
  },
): Target[] {
  const { catalogue, client, findTranslation, before } = how;
  return candidates
    .filter(({ status, cause }) => status === 'in' || cause === 'attempt-limit')
    .flatMap((candidate) => {
      const isDemo = candidate.provider === demoName;
      const asked = isDemo ? candidates[0] : candidate;
      const deployment = asked && findDeployment(catalogue, asked);
      if (deployment === undefined) return [];
      const speaks = isDemo ? demoSpeaks : deployment.speaks;
      const protocol = chooseProtocol(client, speaks, findTranslation);
      if (protocol === undefined) return [];
      return {
        model: candidate.model,
        provider: candidate.provider,
        upstreamModel: isDemo ? deployment.model : deployment.upstreamName,
        className: candidate.className,
        isReserve: candidate.status === 'out',
        isLastTry: candidate.cause === 'last-try',
        contextWindow: deployment.contextWindow,
        maxOutputTokens: deployment.maxOutputTokens,
        maxTokensField: deployment.maxTokensField,
        reportsUsage: isDemo || deployment.reportsUsage,
        protocol,
        readableReasoning: toReadable(candidate.provider, before),
        timeouts: deployment.timeouts,
      };
    });
}
