import type { DecisionsConfig } from '../../../src/config/schema.ts';

export const defaultSettings: DecisionsConfig = {
  enabled: true,
  text: 'excerpt',
  excerptCharacters: 200,
  retentionDays: 30,
  maxRows: 1_000_000,
};
