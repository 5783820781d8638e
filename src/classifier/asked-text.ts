import { shortenMaterial } from './pasted-material.ts';

const greeting =
  /^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|all|everyone))?\s*[!,.:;\n-]+\s*/i;
const request =
  /^\s*(?:(?:can|could|would|will) you (?:please|kindly)\s+|please\s+|(?:(?:can|could|would) you (?:please )?)?help me with (?:this|the following)\s*[:,-]\s*)/i;
const thanks =
  /[\s,.!-]*\b(?:many thanks|thanks|thank you|thx|cheers)(?: (?:a lot|a bunch|so much|very much|in advance|again))*\s*[.!]*\s*$/i;
/** No thanks are longer; the pattern looks at every place that it is given. */
const longestThanks = 120;
const quoted = /^(["'`]|“)([\s\S]*)(["'`]|”)$/;

/** More than this at either end of a text is never read. */
const reach = 1_000;

/**
 * The text as it is weighed: without a greeting in front, "could you please", thanks at the end or quotes
 * around everything, which change nothing. A text that is nothing else stays as it is: greeting is then
 * what it does. Of a very long text only the ends are left.
 */
export function toAskedText(text: string): string {
  const trimmed = shortenMaterial(text.trim());
  let asked =
    trimmed.length <= 2 * reach ? trimmed : `${trimmed.slice(0, reach)}\n${trimmed.slice(-reach)}`;
  for (;;) {
    const bare = withoutThanks(asked.replace(greeting, '').replace(request, '')).trim();
    const shorter = unquote(bare);
    if (shorter === asked || shorter === '') return asked;
    asked = shorter;
  }
}

function withoutThanks(text: string): string {
  const at = Math.max(0, text.length - longestThanks);
  return text.slice(0, at) + text.slice(at).replace(thanks, '');
}

/** Only quotes that belong together: the text has no other of their kind. */
function unquote(text: string): string {
  const match = quoted.exec(text);
  if (match === null) return text;
  const [, open = '', inner = '', close = ''] = match;
  const isPair = open === '“' ? close === '”' : open === close;
  return isPair && !inner.includes(open) && !inner.includes(close) ? inner.trim() : text;
}
