// A translated response is kept by nobody, and its ids say so: a later request that refers to one can be told.
import { randomUUID } from 'node:crypto';

const mark = 'unkept';

/** What the ids of a response and its items share, made of its chat's id. OpenAI takes no ids beyond 64 characters. */
export function toIdStem(chatId: unknown): string {
  const id = typeof chatId === 'string' ? chatId.replace(/^resp_/, '') : '';
  return /^[\w-]{1,48}$/.test(id) ? id : randomUUID();
}

export function toUnkeptId(kind: 'resp' | 'msg' | 'fc', stem: string): string {
  return `${kind}_${mark}_${stem}`;
}

export function isUnkeptId(id: unknown): boolean {
  return typeof id === 'string' && id.split('_')[1] === mark;
}
