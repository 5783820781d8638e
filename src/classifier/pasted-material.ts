// What people paste around their request: its beginning shows what kind of thing it is, the rest not what is to be done.

/** Shorter material stays whole. */
const longest = 400;
const kept = 100;
/** Of a text that is longer than both ends together nothing between them is looked at. */
const endsLooked = 20_000;
const fenced = /```[^\n`]*\n[\s\S]*?```/g;
const quoted = /(?:^>.*(?:\n|$))+/gm;

/** The text with long blocks of code and long quotes cut to their beginning. */
export function shortenMaterial(text: string): string {
  if (text.length <= longest) return text;
  const looked =
    text.length <= 2 * endsLooked
      ? text
      : `${text.slice(0, endsLooked)}\n${text.slice(-endsLooked)}`;
  const cut = (block: string, end: string): string =>
    block.length <= longest ? block : `${block.slice(0, kept).trimEnd()} …\n${end}`;
  const unfenced = looked.includes('```')
    ? looked.replace(fenced, (block) => cut(block, '```'))
    : looked;
  // Where no line begins so, the pattern would only look for one.
  return unfenced.startsWith('>') || unfenced.includes('\n>')
    ? unfenced.replace(quoted, (block) => cut(block, ''))
    : unfenced;
}
