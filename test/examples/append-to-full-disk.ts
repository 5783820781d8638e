// Runs as a process of its own whose files can't grow beyond a block: first an entry that is too
// large for the rest of it, then one that fits.
import { openJournal } from '../../src/examples/journal.ts';

const at = '2026-01-02T03:04:05.000Z';
const journal = openJournal(process.argv[2] ?? '');
let refused: unknown;
try {
  journal.append({ op: 'add', text: 'x'.repeat(5_000), class: 'chat', at });
} catch (error) {
  refused = error instanceof Error && 'code' in error ? error.code : error;
}
journal.append({ op: 'remove', id: '0123456789ab', at });
process.stdout.write(JSON.stringify({ refused, entries: journal.entries }));
journal.close();
