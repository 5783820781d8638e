import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloadModel } from '../../src/embedding/download-model.ts';
import { loadSentenceEncoder } from '../../src/embedding/sentence-encoder.ts';
import { writeTinyModel } from './tiny-model.ts';

describe('downloading a model', () => {
  let server: Server;
  let hub: string;
  let modelsDir: string;
  let tiny: Awaited<ReturnType<typeof writeTinyModel>>;

  beforeAll(async () => {
    tiny = await writeTinyModel({ dtype: 'q8' });
    modelsDir = await mkdtemp(join(tmpdir(), 'switchyard-download-'));
    server = createServer((request, response) => {
      const path = request.url?.match(/^\/example\/tiny\/resolve\/main\/(.+)$/)?.[1] ?? 'none';
      readFile(join(tiny.model.directory, path)).then(
        (body) => response.setHeader('content-length', body.length).end(body),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await tiny.remove();
    await rm(modelsDir, { recursive: true });
  });

  it('puts the files where the encoder finds them', async () => {
    const messages: string[] = [];
    const model = { kind: 'download', modelId: 'example/tiny', modelsDir } as const;
    await downloadModel({ model, hub, onProgress: (message) => messages.push(message) });
    expect(messages).toContain('Downloading example/tiny/onnx/model_quantized.onnx: 100 %');

    const directory = join(modelsDir, 'example', 'tiny');
    const { modelId } = model;
    const encoder = await loadSentenceEncoder({ ...tiny.model, modelId, modelsDir, directory });
    expect(encoder.tokenise('hello').tokenIds).toHaveLength(3);
  });

  it('says from where it could not fetch what', async () => {
    const model = { kind: 'download', modelId: 'example/absent', modelsDir } as const;
    await expect(downloadModel({ model, hub })).rejects.toThrow(
      `The model example/absent could not be downloaded from ${hub}: `,
    );
  });
});
