import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';

/** A dataset directory with one file a class, given as its texts. */
export function writeDataset(
  classes: Readonly<Record<string, readonly string[]>>,
  directory: string = makeTempDirectory(),
): string {
  for (const [name, texts] of Object.entries(classes)) {
    const lines = texts.map((text) => `${JSON.stringify({ text, class: name })}\n`);
    writeFileIn(directory, `${name}.jsonl`, lines.join(''));
  }
  return directory;
}

/** A journal's file with these lines. */
export function writeJournal(...lines: readonly (object | string)[]): string {
  const content = lines.map((line) =>
    typeof line === 'string' ? line : `${JSON.stringify(line)}\n`,
  );
  return writeFileIn(makeTempDirectory(), 'examples.journal.jsonl', content.join(''));
}
