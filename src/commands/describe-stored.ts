import type { withExampleTexts } from '../http/admin-decisions.ts';
import { classBefore } from '../routing/router.ts';
import type { DecisionSummary } from '../telemetry/decisions/stored-decision.ts';
import { createAttemptNamer } from '../telemetry/request-record.ts';
import { describeContext, describeTimings } from './describe-decision.ts';

export type ShownDecision = ReturnType<typeof withExampleTexts>;

const shown = { classes: 4, neighbours: 6, excerpt: 60 };

/** A line a decision, in columns. */
export function describeSummaries(decisions: readonly DecisionSummary[]): string {
  const head = ['id', 'time', 'class', 'conf', 'model', 'outcome', 'tries', 'prompt'];
  const rows = decisions.map((decision) => [
    decision.id,
    toTime(decision.at),
    describeClasses(decision),
    decision.confidence?.toFixed(2) ?? '–',
    decision.model ?? '–',
    decision.outcome,
    String(decision.attemptCount),
    excerpt(decision.text),
  ]);
  return toColumns([head, ...rows]);
}

/** The class that was decided, which the confidence is of, with the one that served where that is another. */
function describeClasses({ class: decided, servedClass, abstained }: DecisionSummary): string {
  const unsure = abstained === null ? '' : ' ?';
  if (decided === null) return `${servedClass ?? '–'}${unsure}`;
  const served = servedClass === null || servedClass === decided ? '' : ` → ${servedClass}`;
  return `${decided}${unsure}${served}`;
}

/** Why it went where it went, and what came of it. */
export function describeStored(decision: ShownDecision): string {
  const { posterior, neighbours, hold, candidates, attempts, feedback } = decision;
  const { timings, bundle } = decision;
  const nameOf = createAttemptNamer(attempts);
  const firstMs = attempts[0]?.startedAtMs ?? 0;
  return [
    `${decision.id}  ${toTime(decision.at)}  ${decision.outcome} (${decision.status})\n`,
    ...(decision.text === null ? [] : [`“${decision.text.replace(/[^\P{Cc}\n]/gu, ' ')}”\n`]),
    `${describeClass(decision)}\n`,
    section(
      'classes',
      posterior
        .slice(0, shown.classes)
        .map(({ className, probability }) => [probability.toFixed(3), className]),
    ),
    section(
      'conversation',
      [
        ...describeContext(decision.context),
        ...(hold === undefined ? [] : [`  ${hold.model} ${hold.kind}: ${hold.reason}`]),
      ].map((line) => [line.trim()]),
    ),
    section(
      'neighbours',
      neighbours
        .slice(0, shown.neighbours)
        .map((each) => [each.similarity.toFixed(3), each.className, excerpt(each.text)]),
    ),
    section(
      'plan',
      candidates.map(({ status, model, reason }) => [status, model, reason]),
    ),
    section(
      'attempts',
      attempts.map((attempt) => [
        `+${Math.round(attempt.startedAtMs - firstMs)} ms`,
        nameOf(attempt),
        `${attempt.outcome}${attempt.status === undefined ? '' : ` ${attempt.status}`}`,
        `${Math.round(attempt.durationMs)} ms`,
        attempt.firstContentMs === undefined
          ? ''
          : `first content ${Math.round(attempt.firstContentMs)} ms`,
        [attempt.cause, excerpt(attempt.message ?? null)].filter(Boolean).join(': '),
      ]),
    ),
    section(
      'feedback',
      feedback.map((each) => [
        toTime(each.at),
        each.class === null ? '' : `right class ${each.class}`,
        each.score === null ? '' : `score ${each.score}`,
        each.tags.join(', '),
        each.comment ?? '',
      ]),
    ),
    `\n${describeAmounts(decision)}\n`,
    `${describeTimings(timings)}\n`,
    ...(decision.replayable
      ? []
      : ['what it was decided by is not kept: it can not be replayed\n']),
    `encoder ${bundle.encoderHash.slice(0, 12)}, examples ${bundle.exampleSetHash.slice(0, 12)}, configuration ${bundle.configHash.slice(0, 12)}\n`,
  ].join('');
}

function describeClass(decision: ShownDecision): string {
  const { class: className, servedClass, confidence, basis, abstained, requestedModel } = decision;
  const sure = confidence === null ? '' : ` with confidence ${confidence.toFixed(3)}`;
  const isFromBefore = className !== null && classBefore(decision.context) === className;
  const unsure = isFromBefore ? 'stays with what came before' : 'the default class';
  const how = decision.tier === undefined ? basis : `${basis}, ${decision.tier} tier`;
  const why = abstained === null ? how : `${unsure}: ${abstained}`;
  const fallback =
    servedClass === null || servedClass === className ? '' : `, served by ${servedClass}`;
  return className === null
    ? `model ${requestedModel}, named by the request`
    : `${className}${sure} (${why})${fallback}`;
}

function describeAmounts(decision: ShownDecision): string {
  const { inputTokens, outputTokens, costUsd, durationMs, firstContentMs } = decision;
  const first = firstContentMs === null ? '' : `, first content ${Math.round(firstContentMs)} ms`;
  const cost = costUsd === null ? 'cost unknown' : `$${costUsd.toPrecision(3)}`;
  return `${Math.round(durationMs)} ms${first}, ${inputTokens} tokens in, ${outputTokens} out, ${cost}`;
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `\n${title}\n${toColumns(rows, '  ')}`;
}

function toColumns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
      return `${indent}${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

function toTime(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

/** On one line, and without what could steer a terminal. */
function excerpt(text: string | null): string {
  const line = (text ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > shown.excerpt ? `${line.slice(0, shown.excerpt - 1)}…` : line;
}
