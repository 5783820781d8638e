// Writes the files that are made from the code, or with --check says which are out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toConfigJsonSchema } from '../src/config/schema.ts';
import { toOpenApi } from '../src/http/openapi.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const generated = new Map([
  ['switchyard.schema.json', `${JSON.stringify(toConfigJsonSchema(), null, 2)}\n`],
  ['docs/openapi.json', `${JSON.stringify(toOpenApi(), null, 2)}\n`],
]);

for (const [file, content] of generated) {
  if (!values.check) writeFileSync(file, content);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== content) {
    process.stderr.write(`${file} is out of date: run npm run generate\n`);
    process.exitCode = 1;
  }
}
