import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFewExamplesHome } from '../support/few-examples.ts';
import { createHome, type Home, runSwitchyard, startServer } from '../support/run-switchyard.ts';

let home: Home;

beforeAll(() => {
  home = createHome();
});

afterAll(() => home?.remove());

function run(...args: string[]) {
  return runSwitchyard(args, { home });
}

describe('switchyard', () => {
  it('ends quietly where its reader has seen enough', async () => {
    const program = `"${process.execPath}" "${resolve('dist/main.js')}"`;
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      ['-c', `set -o pipefail; ${program} examples list | head -1`],
      { cwd: home.directory, env: { ...process.env, SWITCHYARD_DATA_DIR: home.dataDir } },
    );
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('EPIPE');
  });

  it('prints help and version on stdout', async () => {
    const help = await run('--help');
    expect(help.exitCode).toBe(0);
    for (const command of [
      'serve',
      'route',
      'examples',
      'decisions',
      'health',
      'index',
      'evaluate',
      'config',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    expect((await run('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([[['rout']], [['route']], [['serve', '--port', 'x']], [['evaluate']]])(
    'ends with 2 and explains itself on stderr when it is used wrongly: %j',
    async (args) => {
      const { exitCode, stdout, stderr } = await run(...args);
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    },
  );

  it('shows where a prompt would go and why', async () => {
    const { stdout, exitCode } = await run('route', 'write a sql query for the top 5 customers');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^data-analysis with confidence 0\.\d{3}: the most likely class/);
    expect(stdout).toContain('no API key: set OPENAI_API_KEY');
  });

  it('refuses an address that other machines can reach', async () => {
    const { exitCode, stderr } = await run('serve', '--host', '0.0.0.0');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Refusing to listen on 0.0.0.0');
  });

  it('checks, prints and describes the configuration without showing a secret', async () => {
    const environment = { OPENAI_API_KEY: 'sk-very-secret' };
    const checked = await runSwitchyard(['config', 'check'], { home, environment });
    expect(checked.stdout).toMatch(/openai\s+usable/);
    expect(checked.stdout).toMatch(/anthropic\s+no API key: set ANTHROPIC_API_KEY/);
    const printed = await runSwitchyard(['config', 'print'], { home, environment });
    expect(printed.stdout).toContain('defaultClass: knowledge');
    expect(printed.stdout).not.toContain('very-secret');
    const file = join(home.directory, 'printed.yaml');
    writeFileSync(file, printed.stdout);
    expect((await run('-c', file, 'config', 'check')).stdout).toContain('is valid');
    expect(JSON.parse((await run('config', 'schema')).stdout)).toHaveProperty('properties.classes');
  });

  it('reports every mistake of a broken configuration at once', async () => {
    const file = join(home.directory, 'broken.yaml');
    writeFileSync(file, 'server: { prot: 1 }\nrouting: { defaultClass: codng }\n');
    const { exitCode, stderr } = await run('-c', file, 'config', 'check');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('server.prot: unknown key "prot" (did you mean "port"?)');
    expect(stderr).toContain('routing.defaultClass: there is no class "codng"');
    expect(stderr).toContain('providers: ');
  });

  it('tells what the index was made from, and how it is weighed', async () => {
    const { stdout } = await run('index', 'info', '--json');
    const info = JSON.parse(stdout);
    expect(info.examples).toBeGreaterThan(14 * 40);
    expect(info.encoderHash).toMatch(/^[0-9a-f]{64}$/);
    expect(info.tuning.thresholds.knowledge).toBeGreaterThan(0);
    const shown = (await run('index', 'info')).stdout;
    const tunedOn =
      info.tuning.exampleSetHash === info.exampleSetHash ? 'these' : 'an earlier set of';
    expect(shown.split('\n')).toContain(`Tuned on ${tunedOn} examples`);
    expect(shown).toMatch(/^voteShare +0\.\d+$/m);
    expect(shown).toMatch(/^knowledge +0\.\d+$/m);
  });
});

describe('a file that can not be read or written', () => {
  it.each([
    [['evaluate', '--test', 'nope.jsonl'], 'nope.jsonl: ENOENT'],
    [['evaluate', '--test', '.'], 'EISDIR'],
    [['evaluate', '--cv', '1'], 'two folds'],
    [['index', 'build', '--write-tuning', 'none/tuning.json'], "Can't write none/tuning.json"],
    [['index', 'build', '--write-vectors', '.'], "Can't write ."],
  ])('is named at once, without a stack: %j', async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('a data directory that can not be one', () => {
  it('is named before anything is built', async () => {
    const dataDir = join(home.directory, 'a-file');
    writeFileSync(dataDir, '');
    const built = await runSwitchyard(['index', 'build'], { home: { ...home, dataDir } });
    expect(built.exitCode).toBe(1);
    expect(built.stderr).toContain(`Can't write ${dataDir}`);
    expect(built.stderr).not.toMatch(/^ +at /m);
  });
});

describe('switchyard evaluate', () => {
  let home: Home;

  beforeAll(() => {
    home = createFewExamplesHome(12);
  });

  afterAll(() => home?.remove());

  const run = (...args: string[]) => runSwitchyard(args, { home });

  it('measures the examples on themselves', async () => {
    const { stdout, exitCode } = await run('evaluate', '--cv', '2', '--shots', '10', '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.n).toBe(4 * 10);
    // Far above the 25 % of chance, below what a leak between folds would give.
    expect(report.accuracy).toBeGreaterThan(0.5);
    expect(report.accuracy).toBeLessThan(0.95);
    expect(report.confusion.length).toBeGreaterThan(0);
    expect(report.latencyMs.p50).toBeGreaterThan(0);
  });

  it('works on any classes, with shots, repeats and out-of-scope lines', async () => {
    const lines = (rows: [string, string][]) =>
      rows.map(([text, className]) => JSON.stringify({ text, class: className })).join('\n');
    const train = join(home.directory, 'train.jsonl');
    const test = join(home.directory, 'test.jsonl');
    writeFileSync(
      train,
      lines([
        ['where is my parcel', 'delivery'],
        ['has my order been shipped', 'delivery'],
        ['the package has not arrived', 'delivery'],
        ['I want my money back', 'refund'],
        ['please refund the payment', 'refund'],
        ['return the amount to my card', 'refund'],
      ]),
    );
    writeFileSync(
      test,
      lines([
        ['my package is late', 'delivery'],
        ['can I get a refund', 'refund'],
        ['purple elephants dance at midnight', 'oos'],
      ]),
    );
    const args = ['--examples', train, '--test', test, '--shots', '2', '--repeats', '3'];
    const { stdout } = await run('evaluate', ...args, '--oos-label', 'oos', '--perturb', '--json');
    const report = JSON.parse(stdout);
    expect(report.flips).toHaveLength(7);
    expect(report.flipRate).toBeLessThan(0.5);
    expect(report).toMatchObject({ n: 3, nOutOfScope: 1, runs: 3, accuracy: 1, oosAuroc: 1 });
  });

  it('takes no threshold that is set for a class of the same name', async () => {
    const write = (name: string, tasks: string[]) => {
      const lines = tasks.flatMap((task) => [
        JSON.stringify({ text: `${task} in cobol`, class: 'chat' }),
        JSON.stringify({ text: `${task} in rhyme`, class: 'poetry' }),
      ]);
      const path = join(home.directory, name);
      writeFileSync(path, lines.join('\n'));
      return path;
    };
    const train = write('foreign.jsonl', ['sort a list', 'fix my loop', 'rename a variable']);
    const test = write('foreign-test.jsonl', ['parse some json', 'print a line']);
    const config = join(home.directory, 'strict.json');
    const strict = {
      providers: { own: { baseUrl: 'http://127.0.0.1:1', keyRequired: false } },
      models: { model: { provider: 'own' } },
      classes: { chat: { models: ['model'], threshold: 1 } },
      routing: { defaultClass: 'chat', threshold: 0 },
    };
    writeFileSync(config, JSON.stringify(strict));
    const args = ['--config', config, 'evaluate', '--examples', train, '--test', test];
    const { stdout } = await run(...args, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ n: 4, accuracy: 1, coverage: 1 });
  });

  it('judges with the first tier what both serve, and tells what the last one alone is worth', async () => {
    const write = (name: string, verbs: string[], things: string[]) => {
      const tasks = verbs.flatMap((verb) => things.map((thing) => `${verb} ${thing}`));
      const lines = tasks.flatMap((task) => [
        JSON.stringify({ text: `please ${task} in cobol`, class: 'cobol' }),
        JSON.stringify({ text: `a poem: ${task} in the rain`, class: 'rhyme' }),
      ]);
      const path = join(home.directory, name);
      writeFileSync(path, lines.join('\n'));
      return path;
    };
    const things = ['lists', 'loops', 'letters', 'numbers', 'birds', 'songs', 'rivers', 'words'];
    const train = write('easy.jsonl', ['sort', 'count', 'rename', 'watch', 'paint'], things);
    const test = write('easy-test.jsonl', ['draw'], things);
    const args = ['evaluate', '--examples', train, '--test', test, '--json'];
    const alone = JSON.parse((await run(...args)).stdout);
    expect(alone.firstTier).toBeNull();
    const both = JSON.parse((await run(...args, '--first-tier')).stdout);
    expect(both.firstTier).toMatchObject({ accuracyWithout: alone.accuracy, agreement: 1 });
    expect(both.firstTier.share).toBeGreaterThan(0.5);
  });

  it('reads the conversations that it learns from, and says what their last messages alone are worth', async () => {
    const write = (name: string, tasks: string[]) => {
      const lines = tasks.flatMap((task) =>
        ['cobol', 'rhyme'].map((manner) =>
          JSON.stringify({
            turns: [
              { user: `${task} in ${manner}`, assistant: `In ${manner}: …`, class: manner },
              { user: 'once more', class: manner },
            ],
          }),
        ),
      );
      const path = join(home.directory, name);
      writeFileSync(path, lines.join('\n'));
      return path;
    };
    const train = write('turns.jsonl', [
      'sort a list',
      'fix my loop',
      'rename a variable',
      'sum up',
    ]);
    const test = write('turns-test.jsonl', ['parse some json', 'print a line']);
    const args = ['evaluate', '--examples', train, '--test', test, '--json'];
    const whole = await run(...args);
    const counts = { n: 8, conversations: 4, first: 1 };
    expect(JSON.parse(whole.stdout).turns).toMatchObject({ ...counts, later: 1, shortKept: 1 });
    const last = await run(...args, '--last-message-only');
    expect(JSON.parse(last.stdout).turns).toMatchObject({ ...counts, later: 0.5 });
  });

  it('draws what it measured into a file, with only the data on stdout', async () => {
    const test = join(home.directory, 'two.jsonl');
    writeFileSync(
      test,
      '{"text":"what is 7 times 8","class":"math"}\n{"text":"tell me a joke","class":"<jokes>"}\n',
    );
    const plot = join(home.directory, 'plot.html');
    const args = ['--test', test, '--shots', '2', '--json', '--plot', plot];
    const { stdout, stderr, exitCode } = await run('evaluate', ...args);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`Wrote ${plot}.`);
    expect(JSON.parse(stdout)).toMatchObject({ n: 2, riskCoverage: expect.any(Array) });
    const html = readFileSync(plot, 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain('&lt;jokes&gt;');
  });

  it('refuses to plot into another kind of file before it does anything', async () => {
    const plot = join(home.directory, 'plot.png');
    const { exitCode, stdout, stderr } = await run('evaluate', '--test', 'absent', '--plot', plot);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`A plot ends in .svg or .html, not like ${plot}.\n`);
    expect(existsSync(plot)).toBe(false);
  });

  it.each([
    [['absent', 'plot.svg'], /Can't write .*plot\.svg: there is no directory .*absent\.$/],
    [
      ['switchyard.svg', 'plot.svg'],
      /Can't write .*plot\.svg: .*switchyard\.svg is not a directory\.$/,
    ],
  ])('says at once that it cannot plot into %j', async (path, message) => {
    writeFileSync(join(home.directory, 'switchyard.svg'), '');
    const plot = join(home.directory, ...path);
    const { exitCode, stderr } = await run('evaluate', '--test', 'absent', '--plot', plot);
    expect(exitCode).toBe(1);
    expect(stderr.trim()).toMatch(message);
  });

  it('names the bad lines of a file', async () => {
    const file = join(home.directory, 'bad.jsonl');
    writeFileSync(file, '{"text":"a","class":"b"}\n{"text":');
    const { exitCode, stderr } = await run('evaluate', '--test', file);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file}:2: not JSON`);
  });
});

describe('switchyard serve', () => {
  let home: Home;

  beforeAll(() => {
    home = createFewExamplesHome(4);
  });

  afterAll(() => home?.remove());

  it('shares its data directory with nobody, and ends cleanly on SIGTERM', async () => {
    const first = await startServer({ home });
    const second = await runSwitchyard(['serve', '--port', '0'], { home });
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain(`${first.url} already uses`);
    expect(await first.stop('SIGTERM')).toBe(0);
  });

  it('has the data directory that another left, and ends with 130 on SIGINT', async () => {
    const next = await startServer({ home });
    expect(next.log()).toContain('up to date');
    expect(await next.stop('SIGINT')).toBe(130);
  });

  it('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await runSwitchyard(['serve', '--port', `${port}`], { home });
    server.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot listen on 127.0.0.1');
    expect(stderr).not.toContain('Loading');
  });
});
