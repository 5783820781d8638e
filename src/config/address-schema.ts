import { z } from 'zod';

/** An address as people write it: the scheme may be missing, and a bare host means its `/v1`; a query string is kept. */
export const baseUrl = z.string().transform((text, context) => {
  const url = parseAddress(text, context, 'apiKey');
  if (url === undefined) return z.NEVER;
  const path =
    url.pathname === '/' ? '/v1' : url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return `${url.origin}${path}${url.search}`;
});

/** Of a collector; its headers are read from the environment only. */
export const collectorUrl = z.string().transform((text, context) => {
  return parseAddress(text, context, 'OTEL_EXPORTER_OTLP_HEADERS')?.href ?? z.NEVER;
});

function parseAddress(
  text: string,
  context: z.core.$RefinementCtx,
  placeOfCredentials: string,
): URL | undefined {
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not an http or https address` });
    return undefined;
  }
  if (url.username !== '' || url.password !== '') {
    const message = `put credentials in ${placeOfCredentials}, not in the address`;
    context.addIssue({ code: 'custom', message });
    return undefined;
  }
  return url;
}
