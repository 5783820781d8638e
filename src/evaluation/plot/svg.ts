export const colours = {
  paper: '#ffffff',
  ink: '#1f2933',
  muted: '#5f6b7a',
  line: '#d5dbe2',
  right: '#1f5fa8',
  bar: '#79a0cb',
  wrong: '#c2410c',
} as const;

type Attributes = Readonly<Record<string, string | number>>;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML can't hold these characters, not even escaped. */
const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text for the inside of an element or of an attribute in double quotes. */
export function escapeXml(text: string): string {
  return text
    .replace(illegal, '\uFFFD')
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** One element; its children are markup already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const list = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(rounded(value)))}"`)
    .join('');
  return children.length === 0
    ? `<${name}${list}/>`
    : `<${name}${list}>${children.join('')}</${name}>`;
}

export function label(content: string, attributes: Attributes): string {
  return element('text', attributes, escapeXml(content));
}

/** What a drawing is called, above it. */
export function heading(content: string): string {
  return label(content, { x: 0, y: 14, 'font-size': 15, 'font-weight': 600 });
}

/** Shown while the pointer rests on the element it is a child of. */
export function tooltip(content: string): string {
  return element('title', {}, escapeXml(content));
}

/** Moves what it holds. */
export function at(x: number, y: number, ...children: string[]): string {
  return element('g', { transform: `translate(${rounded(x)} ${rounded(y)})` }, ...children);
}

/** A whole SVG file that needs nothing else; `title` is for those who can't see it. */
export function toPicture(
  how: { readonly title: string; readonly width: number; readonly height: number },
  ...children: string[]
): string {
  const { title, width, height } = how;
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': 'system-ui, sans-serif',
      'font-size': 11,
      fill: colours.ink,
    },
    tooltip(title),
    element('rect', { width, height, fill: colours.paper }),
    ...children,
  );
  return `${svg}\n`;
}

/** The width of a text in Latin letters, roughly; East Asian ones count twice. */
export function widthOf(text: string): number {
  return [...text].reduce((width, character) => width + (character >= '\u2E80' ? 2 : 1), 0);
}

/** Cuts a text in the middle: long names of classes often differ at their ends. */
export function shorten(text: string, maxWidth: number): string {
  if (widthOf(text) <= maxWidth) return text;
  const characters = [...text];
  const half = (maxWidth - 1) / 2;
  const head = startOf(characters, half).join('');
  const tail = startOf(characters.toReversed(), half).toReversed().join('');
  return `${head}…${tail}`;
}

function startOf(characters: readonly string[], maxWidth: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += widthOf(character);
    return width > maxWidth;
  });
  return characters.slice(0, end);
}

function rounded<Value extends string | number>(value: Value): Value | number {
  return typeof value === 'number' ? Number(value.toFixed(2)) : value;
}
