/** What clients and providers speak, each named after the last part of its path. */
export const protocols = ['chat', 'messages', 'responses', 'completions', 'embeddings'] as const;

export type Protocol = (typeof protocols)[number];
