import type { Supply } from '../bench/prompts.ts';

/** Between the beginnings of two prompts, so that few begin alike. */
const stride = 61;

/** Prompts of so many characters, cut out of the texts wherever a cut falls; a number at the end makes each a new one. */
export function supplyOfLength(texts: readonly string[], characters: number): Supply {
  const material = texts.join(' ');
  const endless = material.repeat(Math.ceil(characters / material.length) + 1);
  let given = 0;
  return {
    next() {
      given += 1;
      const number = ` #${given}`;
      const from = (given * stride) % material.length;
      const text = endless.slice(from, from + characters - number.length) + number;
      return Buffer.from(JSON.stringify(text).slice(1, -1));
    },
  };
}
