import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHome, type Home, runSwitchyard, startServer } from '../support/run-switchyard.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

const nowhere = 'http://127.0.0.1:9/v1';
const configured = twoUpstreams({ strong: nowhere, cheap: nowhere });

let home: Home;

beforeEach(() => {
  home = createHome();
});

afterEach(() => home.remove());

/** What a process that has something to say of every part writes to its log. */
async function modulesOf(log: object): Promise<string[]> {
  // A set of examples that the classifier has not seen; a store that can't be opened; a request.
  home.writeConfig({ ...configured, log });
  const added = ['examples', 'add', 'coding', 'rewrite this function in assembler'];
  expect((await runSwitchyard(added, { home })).exitCode).toBe(0);
  mkdirSync(join(home.dataDir, 'decisions.db'));
  const server = await startServer({ home });
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'cheap-1', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await reply.text();
  await server.stop();
  return modulesIn(server.log());
}

function modulesIn(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  for (const line of lines) expect(line.match(/"module"/g)).toHaveLength(1);
  return [...new Set(lines.map((line) => String(JSON.parse(line).module)))].sort();
}

describe('log levels', () => {
  it('hold for all lines of a part: http, index, telemetry', async () => {
    expect(await modulesOf({ level: 'info' })).toEqual(['http', 'index', 'telemetry']);
  });

  it('of the parts win over the general one', async () => {
    const levels = { http: 'silent', index: 'silent', telemetry: 'error' };
    expect(await modulesOf({ level: 'info', levels })).toEqual(['telemetry']);
  });

  it('hold for the embedder', async () => {
    const model = join(home.directory, 'models', 'broken');
    mkdirSync(join(model, 'onnx'), { recursive: true });
    writeFileSync(join(model, 'config.json'), '{"hidden_size": 8}');
    writeFileSync(join(model, 'onnx', 'model_quantized.onnx'), 'no model');
    for (const file of ['tokenizer', 'tokenizer_config']) {
      writeFileSync(join(model, `${file}.json`), '{}');
    }
    const run = async (levels: object) => {
      const embedding = { model: 'broken' };
      const modelsDir = join(home.directory, 'models');
      home.writeConfig({ ...configured, modelsDir, embedding, log: { level: 'info', levels } });
      const { exitCode, stderr } = await runSwitchyard(['route', 'hi'], { home });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('No embedding worker can run');
      return modulesIn(stderr);
    };
    expect(await run({ index: 'silent' })).toEqual(['embedding']);
    expect(await run({ index: 'silent', embedding: 'error' })).toEqual([]);
  });
});
