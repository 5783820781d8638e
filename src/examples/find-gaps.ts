import type { Example } from './example.ts';

/** Below it a class is known by chance: its neighbourhood is a point, and no fold can judge it. */
const fewest = 5;

/** What is missing for every class to be told apart, a sentence each; nothing of it keeps the router from working. */
export function findGaps(
  examples: readonly Pick<Example, 'className'>[],
  classNames: readonly string[],
): string[] {
  const counts = new Map(classNames.map((name) => [name, 0]));
  for (const { className } of examples) counts.set(className, (counts.get(className) ?? 0) + 1);
  const known = [...counts].filter(([, count]) => count > 0);
  if (known.length === 0) return ['No class has examples: every prompt goes to the default class.'];
  const gaps = [...counts].flatMap(([name, count]) => {
    if (count === 0) return `The class "${name}" has no examples: no prompt is ever like it.`;
    if (count >= fewest) return [];
    return `The class "${name}" has ${count} example${count === 1 ? '' : 's'}: give it ${fewest} or more.`;
  });
  const only = known.length === 1 ? known[0]?.[0] : undefined;
  return only === undefined
    ? gaps
    : [`Only the class "${only}" has examples: there is nothing to tell apart.`, ...gaps];
}
