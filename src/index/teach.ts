import { mostTurns, toContextVector } from '../classifier/context-vector.ts';
import { goesOn } from '../classifier/goes-on.ts';
import { nameInWords } from '../classifier/name-in-words.ts';
import type { ConversationTurn } from '../examples/conversations.ts';
import type { ExampleStore } from '../examples/example-store.ts';
import { type EmbedFrom, embedViews, type TrainingInput, toTrainingInput } from './embed-views.ts';

interface LabelledText {
  readonly text: string;
  readonly className: string;
}

/** What a classifier can be taught with. */
export interface Teachable {
  readonly examples: readonly LabelledText[];
  /** Of the same classes. */
  readonly conversations: readonly ConversationTurn[];
  /** Conversations of whatever classes: what only goes on is the same everywhere. */
  readonly followUps?: readonly ConversationTurn[];
}

/** What the examples in force, and the conversations beside them, are for. */
export function teachableOf(store: ExampleStore): Teachable {
  return {
    examples: store.list(),
    conversations: store.conversations(),
    followUps: store.followUps(),
  };
}

export interface Taught {
  /** What it is tuned and judged on: one for every example, then, where they are read, one for every turn. */
  readonly inputs: readonly TrainingInput[];
  /** What the head learns besides. */
  readonly lessons: readonly TrainingInput[];
}

/**
 * Embeds what is new and makes of it what the head is taught, the names of the classes among it. Conversations are
 * taught in one of two ways: where they have at least as many turns as there are examples, with what came before each
 * turn, which the head then learns to read; where they have fewer, turn by turn, and those that go on as just that, so
 * that a decision can carry over what came before. Measured in docs/decisions/0013.
 */
export async function teach(teachable: Teachable, from: EmbedFrom): Promise<Taught> {
  const { examples, conversations } = teachable;
  const inputs = await embedTexts(examples, from);
  if (conversations.length > 0 && conversations.length >= examples.length) {
    const turns = await embedTurns(conversations, from);
    const names = await embedTexts(toNames([...examples, ...conversations]), from);
    return { inputs: [...inputs, ...turns], lessons: names };
  }
  const lessons = [...toNames(examples), ...toSingleTurns(teachable)];
  return { inputs, lessons: await embedTexts(lessons, from) };
}

/** Where examples are few the name of a class is worth more than one of them (docs/decisions/0005). */
function toNames(labelled: readonly LabelledText[]): LabelledText[] {
  const classNames = new Set(labelled.map(({ className }) => className));
  return [...classNames].sort().flatMap((className) => {
    const text = nameInWords(className);
    return text === undefined ? [] : [{ text, className }];
  });
}

function toSingleTurns({ examples, conversations, followUps = [] }: Teachable): LabelledText[] {
  const known = new Set(examples.map(({ className }) => className));
  const onward = [...conversations, ...followUps].filter((turn) => turn.goesOn);
  const own = conversations.filter((turn) => !turn.goesOn && known.has(turn.className));
  return [
    ...onward.map(({ text }) => ({ text, className: goesOn })),
    ...own.map(({ text, className }) => ({ text, className })),
  ];
}

async function embedTexts(
  labelled: readonly LabelledText[],
  from: EmbedFrom,
): Promise<TrainingInput[]> {
  const embedded = await embedViews(
    labelled.map(({ text }) => text),
    from,
  );
  return labelled.map(({ text, className }, position) =>
    toTrainingInput({ text, className }, embedded[position] ?? []),
  );
}

async function embedTurns(
  turns: readonly ConversationTurn[],
  from: EmbedFrom,
): Promise<TrainingInput[]> {
  const texts = [...new Set(turns.flatMap(({ text, earlier }) => [text, ...earlier]))];
  const embedded = await embedViews(texts, from);
  const viewsOf = new Map(texts.map((text, position) => [text, embedded[position] ?? []]));
  return turns.map(({ text, className, conversation, earlier, reply }) => {
    const views = earlier.slice(-mostTurns).map((turn) => viewsOf.get(turn) ?? []);
    const context = toContextVector(views, 'features');
    const input = toTrainingInput({ text, className }, viewsOf.get(text) ?? []);
    return { ...input, conversation, ...(context && { before: { context, reply } }) };
  });
}
