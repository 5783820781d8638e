import type { Clock } from '../clock.ts';
import { RouterError } from '../errors.ts';
import { normaliseText } from '../normalise-text.ts';
import { type ConversationTurn, readConversations } from './conversations.ts';
import { readDataset } from './dataset.ts';
import { createExample, type Example, exampleSetHash } from './example.ts';
import { type ExampleLimits, findFault } from './example-rules.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** The examples in force: the reviewed datasets with the journal's additions and removals on top. */
export interface ExampleStore {
  list(className?: string): Example[];
  /** Labelled turns of conversations, in the order of their file. */
  conversations(): readonly ConversationTurn[];
  /** Those of classes that are not configured, which teach only what goes on. */
  followUps(): readonly ConversationTurn[];
  /** The example whose text is the same after normalisation. */
  findByText(text: string): Example | undefined;
  /** Checks a new example without keeping it. Throws RouterError saying what is wrong. */
  check(candidate: { text: string; className: string }): Example;
  /** Keeps a checked example; durable when it returns. */
  add(example: Example): void;
  /** Durable when it returns. Throws RouterError `not_found`. */
  remove(id: string): Example;
  /** Order-independent hash of the set. */
  hash(): string;
  /** Reads the datasets again. Throws DatasetError, and then nothing has changed. */
  reload(): void;
}

export interface StoreOptions extends ExampleLimits {
  readonly directory: string;
  /** A file of labelled conversations. */
  readonly conversations?: string | undefined;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Throws DatasetError when a dataset has bad lines. */
export function createExampleStore(options: StoreOptions): ExampleStore {
  const { journal } = options;
  // Room for white space that normalising takes out; normalising megabytes would stall every request.
  const longestWorthLooking = 4 * options.maxCharacters;
  let examples = readAll(options, journal.entries);
  let conversations = readTurns(options);
  const isOwn = ({ className }: ConversationTurn) => options.classNames.has(className);
  const timestamp = (): string => new Date(options.clock.now()).toISOString();

  return {
    list: (className) =>
      [...examples.byId.values()].filter(
        (example) => className === undefined || example.className === className,
      ),
    conversations: () => conversations.filter(isOwn),
    followUps: () => conversations.filter((turn) => !isOwn(turn)),
    findByText: (text) =>
      text.length > longestWorthLooking ? undefined : examples.byText.get(normaliseText(text)),
    check(candidate) {
      const fault = findFault(candidate, options, (text) => examples.byText.get(text));
      if (fault === undefined) {
        return createExample({ text: candidate.text, class: candidate.className }, 'journal');
      }
      const isConflict = fault.kind === 'duplicate' || fault.kind === 'contradiction';
      throw new RouterError(
        isConflict ? 'conflict' : 'invalid_request',
        `The example can't be added: ${fault.message}.`,
        { param: fault.kind === 'unknown-class' ? 'class' : 'text' },
      );
    },
    add(example) {
      journal.append({ op: 'add', text: example.text, class: example.className, at: timestamp() });
      put(examples, example);
    },
    remove(id) {
      const example = examples.byId.get(id);
      if (example === undefined) throw new RouterError('not_found', `There is no example "${id}".`);
      journal.append({ op: 'remove', id, at: timestamp() });
      drop(examples, example);
      return example;
    },
    hash: () => exampleSetHash(examples.byId.values(), conversations),
    reload() {
      const turns = readTurns(options);
      examples = readAll(options, journal.entries);
      conversations = turns;
    },
  };
}

function readTurns({ conversations }: StoreOptions): readonly ConversationTurn[] {
  return conversations === undefined ? [] : readConversations(conversations);
}

interface ExampleMaps {
  readonly byId: Map<string, Example>;
  readonly byText: Map<string, Example>;
}

function readAll(options: StoreOptions, entries: readonly JournalEntry[]): ExampleMaps {
  const maps: ExampleMaps = { byId: new Map(), byText: new Map() };
  for (const example of readDataset(options.directory, options)) put(maps, example);
  for (const entry of entries) {
    if (entry.op === 'add') {
      const example = createExample(entry, 'journal');
      // What has since been reviewed into the datasets, or whose class is gone, is left out.
      const fault = findFault(example, options, (text) => maps.byText.get(text));
      if (fault === undefined) put(maps, example);
    } else {
      const removed = maps.byId.get(entry.id);
      if (removed !== undefined) drop(maps, removed);
    }
  }
  return maps;
}

function put({ byId, byText }: ExampleMaps, example: Example): void {
  byId.set(example.id, example);
  byText.set(normaliseText(example.text), example);
}

function drop({ byId, byText }: ExampleMaps, example: Example): void {
  byId.delete(example.id);
  byText.delete(normaliseText(example.text));
}
