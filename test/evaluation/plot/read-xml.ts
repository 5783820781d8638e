interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text directly in it, entities resolved. */
  text: string;
}

const entity = /&(?:amp|lt|gt|quot);/g;
const token = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const characters: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

/** Every element in document order. Throws where the text is no well-formed XML (of elements and text only). */
export function readXml(xml: string): XmlElement[] {
  if (illegal.test(xml)) throw new Error('There is a character that XML does not allow.');
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  for (let position = 0; position < xml.length; position = token.lastIndex) {
    token.lastIndex = position;
    const match = token.exec(xml);
    if (match === null) throw new Error(`No markup: ${xml.slice(position, position + 40)}`);
    const [, slash, name = '', list = '', isEmpty, text] = match;
    const parent = open.at(-1);
    if (text !== undefined) {
      if (parent !== undefined) parent.text += resolve(text);
      else if (text.trim() !== '') throw new Error(`Text outside of the root: ${text}`);
    } else if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element.`);
    } else {
      if (parent === undefined && elements.length > 0) throw new Error(`A second root: ${name}`);
      const pairs = [...list.matchAll(/([\w:-]+)="([^"]*)"/g)];
      const attributes = Object.fromEntries(
        pairs.map(([, key, value = '']) => [key, resolve(value)]),
      );
      if (Object.keys(attributes).length < pairs.length)
        throw new Error(`Twice in <${name}${list}>`);
      const element = { name, attributes, text: '' };
      elements.push(element);
      if (isEmpty === '') open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`Never closed: ${open.map(({ name }) => name)}`);
  return elements;
}

function resolve(text: string): string {
  if (text.replace(entity, '').includes('&')) throw new Error(`A bare ampersand: ${text}`);
  return text.replace(entity, (name) => characters[name] ?? name);
}
