import { z } from 'zod';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && base64.test(text);
}

/** Base64 with its padding, as in `source.data`. */
export const base64Data = z.string().refine(isBase64, 'is not valid base64');

const dataUrl = /^data:([\w.+-]+\/[\w.+-]+)(;[\w-]+=[\w-]+)*;base64,/;

/** An http(s) address or a base64 data URL. */
export const imageUrl = z.string().superRefine((url, context) => {
  if (!url.startsWith('data:')) {
    if (!/^https?:\/\//i.test(url))
      context.addIssue('is neither an http(s) address nor a data URL');
    return;
  }
  const head = dataUrl.exec(url)?.[0];
  if (head === undefined) context.addIssue('is not a base64 data URL: data:image/png;base64,…');
  else if (!isBase64(url.slice(head.length))) context.addIssue('is not valid base64');
});

export const tokenLimit = z.int().positive().nullish();

export const modelName = z.string().min(1).max(256).default('auto');

/** For a field that only another protocol has: says where the request belongs. */
export function refuse(field: string, message: string) {
  return (body: object, context: z.RefinementCtx): void => {
    if (field in body) context.addIssue({ code: 'custom', path: [field], message });
  };
}
