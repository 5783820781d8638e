import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import { DatasetError, type DatasetProblem } from './dataset.ts';

const entrySchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), text: z.string(), class: z.string(), at: z.string() }),
  z.strictObject({ op: z.literal('remove'), id: z.string(), at: z.string() }),
]);

/** An addition, or a tombstone for an example of any origin. */
export type JournalEntry = z.infer<typeof entrySchema>;

/** Append-only record of what was added and removed at run time. */
export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Durable when it returns; throws when the disk refuses, and then nothing was added. */
  append(entry: JournalEntry): void;
  close(): void;
}

/** The journal as it stands, for one who may not write it: another process owns it, or nobody can. */
export function readJournal(path: string): Journal {
  return {
    entries: readEntries(path).entries,
    append: () => {
      const message =
        'The examples can not be changed: the data directory is open for reading only.';
      throw new RouterError('not_ready', message);
    },
    close: () => {},
  };
}

/** Opens or creates the file. A last line that a crash cut short is dropped; other bad lines are errors. */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const { entries, bytes } = readEntries(path);
  const handle = openSync(path, 'a');
  ftruncateSync(handle, bytes);
  let length = bytes;

  return {
    entries,
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        // Not writeSync, which may write a part only and not say so.
        appendFileSync(handle, line);
        fsyncSync(handle);
      } catch (error) {
        ftruncateSync(handle, length);
        throw error;
      }
      length += line.length;
      entries.push(entry);
    },
    close: () => closeSync(handle),
  };
}

function readEntries(path: string): { entries: JournalEntry[]; bytes: number } {
  if (!existsSync(path)) return { entries: [], bytes: 0 };
  const content = readFileSync(path);
  const bytes = content.lastIndexOf('\n') + 1;
  const entries: JournalEntry[] = [];
  const problems: DatasetProblem[] = [];
  for (const [index, line] of content.subarray(0, bytes).toString('utf8').split('\n').entries()) {
    if (line === '') continue;
    const parsed = entrySchema.safeParse(parseJson(line));
    if (parsed.success) entries.push(parsed.data);
    else problems.push({ file: path, line: index + 1, message: 'not an entry of the journal' });
  }
  if (problems.length > 0) throw new DatasetError(problems);
  return { entries, bytes };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
