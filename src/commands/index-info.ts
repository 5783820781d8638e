import { join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { readCurrent } from '../index/generations.ts';
import { findTuning } from '../open-routing.ts';
import type { Tuning } from '../tuning/tuning.ts';
import { type CommandContext, CommandError } from './context.ts';

export function addIndexInfo(index: Command, context: CommandContext, load: () => Config): void {
  index
    .command('info')
    .description('what the index on disk was made from, and how its examples are weighed')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const config = load();
      const indexDir = join(config.dataDir, 'index');
      const current = readCurrent(indexDir);
      if (current.kind === 'none') {
        throw new CommandError(
          `No usable index in ${indexDir}: ${current.reason}. Run switchyard index build.`,
        );
      }
      const { exampleIds, ...manifest } = current.manifest;
      const examples = exampleIds.filter((id) => id !== null).length;
      const classNames = Object.keys(config.classes);
      const target = { encoderHash: manifest.encoderHash, classNames };
      const { tuning, reasons } = findTuning(config, target, manifest.exampleSetHash);
      const facts = { ...manifest, examples, directory: current.directory };
      context.print(
        json === true
          ? `${JSON.stringify({ ...facts, tuning: tuning ?? null })}\n`
          : toLines(facts) + describeTuning(tuning, reasons, manifest.exampleSetHash),
      );
    });
}

function describeTuning(
  tuning: Tuning | undefined,
  reasons: readonly string[],
  exampleSetHash: string,
): string {
  if (tuning === undefined) return `\nNothing is tuned: ${reasons.join('; ')}.\n`;
  const { thresholds, estimate, formatVersion, encoderHash, firstTier, ...values } = tuning;
  const whose = values.exampleSetHash === exampleSetHash ? 'these' : 'an earlier set of';
  const heldOut = Object.entries(estimate).map(([name, value]) => [`heldOut.${name}`, value]);
  return [
    `\nTuned on ${whose} examples\n`,
    toLines({ ...values, ...Object.fromEntries(heldOut) }),
    '\nThe least confidence that decides\n',
    toLines(thresholds),
    ...(firstTier === null ? [] : ['\nThe first tier\n', describeFirstTier(firstTier)]),
  ].join('');
}

function describeFirstTier(tuned: NonNullable<Tuning['firstTier']>): string {
  const { estimate, encoderHash, ...values } = tuned;
  const { share, accuracy } = estimate;
  return toLines({ ...values, 'heldOut.share': share, 'heldOut.accuracy': accuracy });
}

function toLines(facts: object): string {
  const entries = Object.entries(facts);
  const width = Math.max(...entries.map(([name]) => name.length)) + 2;
  return entries.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('');
}
