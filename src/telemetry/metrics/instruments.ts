import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const requestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 300];
const overheadBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];
const shareBuckets = Array.from({ length: 20 }, (_, step) => (step + 1) / 20);

/** Every instrument, in base units, on one registry. Labels come from the configuration and from closed sets only. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `switchyard_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    { labelNames, buckets }: { labelNames: Label[]; buckets: number[] },
  ) => new Histogram({ name: `switchyard_${name}`, help, labelNames, buckets, registers });

  return {
    requests: counter('requests_total', 'Requests that are over, by how they ended.', [
      'endpoint',
      'class',
      'model',
      'outcome',
    ]),
    requestDuration: histogram('request_duration_seconds', 'To the last byte of the answer.', {
      labelNames: ['endpoint', 'model', 'stream'],
      buckets: requestBuckets,
    }),
    overhead: histogram('overhead_seconds', 'What the decision took, by stage.', {
      labelNames: ['stage'],
      buckets: overheadBuckets,
    }),
    firstContent: histogram(
      'time_to_first_content_seconds',
      'From the arrival of a streaming request to its first content.',
      { labelNames: ['model'], buckets: requestBuckets },
    ),
    decisions: counter('decisions_total', 'Decisions by class and by what they rest on.', [
      'class',
      'basis',
    ]),
    abstentions: counter('abstentions_total', 'Decisions without a class that is likely enough.', [
      'reason',
    ]),
    tierDecisions: counter('tier_decisions_total', 'Decisions by the tier that weighed them.', [
      'tier',
    ]),
    tierComparisons: counter(
      'tier_comparisons_total',
      'Prompts that the first tier and the last one weighed, by whether the first was sure of its class and the last one agrees.',
      ['sure', 'agrees'],
    ),
    holds: counter('holds_total', 'Turns whose conversation stayed with its model or left it.', [
      'kind',
    ]),
    contextShare: histogram('context_share', 'How much of a later turn comes from before.', {
      labelNames: [],
      buckets: shareBuckets,
    }),
    confidence: histogram('decision_confidence', 'The posterior of the class that serves.', {
      labelNames: [],
      buckets: shareBuckets,
    }),
    attempts: counter('attempts_total', 'Calls to models, by result.', [
      'model',
      'provider',
      'result',
    ]),
    attemptDuration: histogram('attempt_duration_seconds', 'Of calls that succeeded.', {
      labelNames: ['model'],
      buckets: requestBuckets,
    }),
    fallbacks: counter('fallbacks_total', 'Requests that a later candidate answered.', [
      'from_class',
      'to_class',
      'reason',
    ]),
    hedges: counter('hedges_total', 'Calls made beside one that was late, by what they came to.', [
      'model',
      'outcome',
    ]),
    wastedTokens: counter(
      'hedge_wasted_tokens_total',
      'Tokens of calls that another outran: as the provider said, else those of the prompt, estimated.',
      ['model'],
    ),
    tokens: counter('tokens_total', 'Tokens as providers counted them.', ['model', 'kind']),
    cost: counter('cost_usd_total', 'US dollars, where usage and prices are known.', ['model']),
    unknownCosts: counter('unknown_costs_total', 'Answers whose cost nobody knows.', ['model']),
    refusals: counter(
      'refusals_total',
      'Requests that got an error before any model was asked, by its code.',
      ['code'],
    ),
    inFlight: new Gauge({
      name: 'switchyard_inflight_requests',
      help: 'Requests under way.',
      registers,
    }),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
