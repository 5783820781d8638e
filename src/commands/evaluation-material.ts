import { selectItems } from '../evaluation/select-items.ts';
import { loadTestSet, type TestItem, toTestItem } from '../evaluation/test-set.ts';
import { type ConversationTurn, readConversations } from '../examples/conversations.ts';
import { type OpenOptions, openStore } from '../open-routing.ts';
import { CommandError } from './context.ts';

/** What of the files counts. */
export interface MaterialOptions {
  readonly only?: string;
  readonly except?: string;
  readonly lastMessageOnly?: boolean;
}

function readItems(file: string, options: MaterialOptions): TestItem[] {
  const items = loadTestSet(file);
  if (items.length === 0) throw new CommandError(`${file} has no lines.`);
  if (options.lastMessageOnly !== true) return items;
  return items.map((item) => ({
    ...item,
    messages: item.messages.filter(({ role }) => role === 'user').slice(-1),
  }));
}

/** Where in its conversation a turn stands is judged, but not taught, when only the last message counts. */
export function readExamples(file: string, options: MaterialOptions): TestItem[] {
  const items = readItems(file, options);
  return options.lastMessageOnly === true ? items.map(({ turn: _turn, ...item }) => item) : items;
}

/** The test lines that count. */
export function readTest(testFile: string, options: MaterialOptions): TestItem[] {
  const { only, except } = options;
  let items = readItems(testFile, options);
  if (only !== undefined) items = selectItems(items, { file: only, keeps: true });
  if (except !== undefined) items = selectItems(items, { file: except, keeps: false });
  if (items.length === 0) throw new CommandError(`No line of ${testFile} is left to be judged on.`);
  return items;
}

export function readExamplesInForce(openOptions: OpenOptions): {
  items: TestItem[];
  followUps: readonly ConversationTurn[];
  hash: string;
} {
  const { store, close } = openStore(openOptions);
  close();
  const items = store.list().map(({ id, text, className }) => ({
    id,
    messages: [{ role: 'user' as const, content: text }],
    className,
    accepted: new Set([className]),
  }));
  return {
    items: [...items, ...store.conversations().map(toTestItem)],
    followUps: store.followUps(),
    hash: store.hash(),
  };
}

/** What only goes on is the same for any classes. */
export function readFollowUps({ config }: OpenOptions): readonly ConversationTurn[] {
  const path = config.examples.conversations;
  return path === undefined ? [] : readConversations(path);
}
