import type { Decision } from '../routing/decision.ts';
import type { Candidate } from '../routing/plan.ts';
import { classBefore } from '../routing/router.ts';
import type { DecisionTimings } from '../routing/stopwatch.ts';

const shown = { classes: 4, neighbours: 6, prior: 3, excerpt: 72 };

/** A decision and its plan for the terminal. */
export function describeDecision(
  facts: Decision & { candidates: readonly Candidate[]; timings: DecisionTimings },
): string {
  const { className, confidence, posterior, neighbours, candidates, timings } = facts;
  const sure = confidence === undefined ? '' : ` with confidence ${confidence.toFixed(3)}`;
  const classes = posterior
    .slice(0, shown.classes)
    .map((entry) => `  ${entry.probability.toFixed(3)}  ${entry.className}`);
  const near = neighbours
    .slice(0, shown.neighbours)
    .map(
      (entry) =>
        `  ${entry.similarity.toFixed(3)}  ${entry.className.padEnd(17)} ${excerpt(entry.text)}`,
    );
  const plan = candidates.map(({ model, status, reason }, position) => {
    const rank = status === 'in' ? `${rankOf(candidates, position)}.` : '–';
    return `  ${rank.padEnd(3)} ${model.padEnd(18)} ${reason}`;
  });
  return [
    `${className}${sure}: ${describeBasis(facts)}`,
    ...section(
      'ask',
      facts.context === undefined || facts.ask === undefined
        ? []
        : [`  ${excerpt(facts.ask.excerpt)}`],
    ),
    ...section('classes', classes),
    ...section('wording', describeReasons(facts)),
    ...section('conversation', describeContext(facts.context)),
    ...section('neighbours', near),
    ...section('plan', plan),
    `\n${facts.tier === undefined ? '' : `${facts.tier} tier: `}${describeTimings(timings)}`,
    '',
  ].join('\n');
}

/** Where the time went; a decision of earlier versions has its search among the weighing. */
export function describeTimings(timings: Readonly<Partial<DecisionTimings>>): string {
  const names = { embedMs: 'embedding', searchMs: 'searching', weighMs: 'weighing' } as const;
  return Object.entries(names)
    .flatMap(([key, name]) => {
      const ms = timings[key as keyof typeof names];
      return ms === undefined ? [] : [`${name} ${ms.toFixed(2)} ms`];
    })
    .join(', ');
}

function describeBasis({ basis, className, context }: Decision): string {
  switch (basis.kind) {
    case 'posterior':
      return 'the most likely class';
    case 'example':
      return `equals example ${basis.exampleId}`;
    case 'abstained':
      return className !== undefined && classBefore(context) === className
        ? `stays with what came before (${basis.reason})`
        : `the default class serves (${basis.reason})`;
    case 'forced':
      return 'named by the request';
  }
}

function describeReasons({ reasons }: Decision): string[] {
  if (reasons === undefined) return [];
  const { className, wording, meaningShare } = reasons;
  const quoted = { words: '', opening: 'opens with ', ending: 'ends with ' };
  const features = wording.map(({ kind, text, weight }) => {
    const name = kind === 'form' ? `form: ${text}` : `${quoted[kind]}"${text}"`;
    return `  ${weight.toFixed(3).padStart(5)}  ${name}`;
  });
  const share = `${Math.round(meaningShare * 100)} %`;
  return [
    ...features,
    `  ${share} of what speaks for ${className} is meaning, the rest is wording`,
  ];
}

/** What came before, and how much of the decision it makes up. */
export function describeContext(context: Decision['context']): string[] {
  if (context === undefined) return [];
  const { turns, share, prior } = context;
  const before = prior
    .slice(0, shown.prior)
    .map(({ className, probability }) => `${className} ${probability.toFixed(3)}`);
  const percent = `${Math.round(share * 100)} %`;
  return [
    `  ${turns} earlier ${turns === 1 ? 'turn' : 'turns'}, ${percent} likely to go on with them`,
    ...(before.length === 0 ? [] : [`  before: ${before.join(', ')}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n${title}`, ...lines];
}

function rankOf(candidates: readonly Candidate[], position: number): number {
  return candidates.slice(0, position + 1).filter(({ status }) => status === 'in').length;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > shown.excerpt ? `${line.slice(0, shown.excerpt - 1)}…` : line;
}
