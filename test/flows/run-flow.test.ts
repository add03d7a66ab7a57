import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { defineFlow } from '../../src/flows/define-flow.js';
import { flowCacheGc } from '../../src/flows/flow-cache-gc.js';
import { sourceFile } from '../../src/flows/flow-file.js';
import { collectNode, inputNode, mapNode, node } from '../../src/flows/nodes.js';
import { runFlow } from '../../src/flows/run-flow.js';

const root = mkdtempSync(join(tmpdir(), 'heliocube-flows-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const cacheDir = () => join(root, `cache-${folders++}`);

/** Doubles of numbers and their sum; every call of a function is noted. */
function doubling(calls: string[]) {
  const numbers = inputNode<readonly number[]>('numbers');
  const factor = inputNode('factor', { fallback: 2 });
  const doubled = mapNode('doubled', {
    over: numbers,
    key: (one) => `n${one}`,
    inputs: { factor },
    cache: 'content',
    run: (one, inputs, { key }) => {
      calls.push(key!);
      return one * inputs.factor;
    },
  });
  const sum = collectNode('sum', {
    from: doubled,
    cache: 'content',
    run: (elements) => {
      calls.push('sum');
      return elements.reduce((total, one) => total + (one.ok ? one.value : 0), 0);
    },
  });
  return { flow: defineFlow('doubling', [sum]), sum, doubled };
}

describe('a run', () => {
  it('maps over a list, collects in order, and runs every node once', async () => {
    const calls: string[] = [];
    const { flow, sum, doubled } = doubling(calls);
    const run = await runFlow(flow, { inputs: { numbers: [3, 1, 2] }, cacheDir: cacheDir() });
    expect(run.value(sum)).toBe(12);
    expect([...run.elements(doubled)]).toEqual([
      ['n3', 6],
      ['n1', 2],
      ['n2', 4],
    ]);
    expect(calls.toSorted()).toEqual(['n1', 'n2', 'n3', 'sum']);
    expect(run.nodes.map(({ status }) => status)).toEqual(['ran', 'ran', 'ran', 'ran']);
  });

  it('takes what has the same code and the same inputs from the cache, element by element', async () => {
    const calls: string[] = [];
    const { flow, sum } = doubling(calls);
    const dir = cacheDir();
    await runFlow(flow, { inputs: { numbers: [1, 2] }, cacheDir: dir });
    const again = await runFlow(flow, { inputs: { numbers: [1, 2] }, cacheDir: dir });
    expect(again.nodes.map(({ status }) => status)).toEqual(['cached', 'cached', 'cached']);
    expect(calls).toHaveLength(3);
    const more = await runFlow(flow, { inputs: { numbers: [2, 5] }, cacheDir: dir });
    expect(more.value(sum)).toBe(14);
    expect(calls.slice(3)).toEqual(['n5', 'sum']);
    await runFlow(flow, { inputs: { numbers: [1, 2], factor: 3 }, cacheDir: dir });
    expect(calls.slice(5).toSorted()).toEqual(['n1', 'n2', 'sum']);
    await runFlow(flow, { inputs: { numbers: [1, 2] }, cacheDir: dir, again: true });
    expect(calls.slice(8).toSorted()).toEqual(['n1', 'n2', 'sum']);
  });

  it('makes a value anew when its function, a check or its version changes', async () => {
    const dir = cacheDir();
    const statusOf = async (options: Parameters<typeof node<number>>[1]) => {
      const run = await runFlow(defineFlow('f', [node('a', { cache: 'content', ...options })]), { cacheDir: dir });
      return run.nodes[0]!.status;
    };
    expect(await statusOf({ run: () => 1 })).toBe('ran');
    expect(await statusOf({ run: () => 1 })).toBe('cached');
    expect(await statusOf({ run: () => 2 })).toBe('ran');
    expect(await statusOf({ run: () => 1, version: 2 })).toBe('ran');
    expect(await statusOf({ run: () => 1, checks: [{ name: 'c', fault: () => null }] })).toBe('ran');
    expect(await statusOf({ run: () => 1 })).toBe('cached');
  });

  it('makes a value anew when a module beside the functions changes', async () => {
    const dir = cacheDir();
    writeFileSync(join(root, 'helper.mjs'), 'export const one = 1;\n');
    writeFileSync(join(root, 'flow.mjs'), "import { one } from './helper.mjs';\nexport const f = () => one;\n");
    const module = new URL(`file://${join(root, 'flow.mjs')}`).href;
    let loads = 0;
    /** As another process would load it. */
    const status = async (load = ++loads) => {
      const address = `${module}?${load}`;
      const flow = defineFlow('f', [node('a', { cache: 'content', run: () => 1 })], { module: address });
      return (await runFlow(flow, { cacheDir: dir })).nodes[0]!.status;
    };
    expect([await status(), await status()]).toEqual(['ran', 'cached']);
    writeFileSync(join(root, 'helper.mjs'), 'export const one = 2;\n');
    expect([await status(), await status()]).toEqual(['ran', 'cached']);
    // What runs here is still what was loaded first: its values must not be taken for those of the new text.
    const first = join(dir, 'first');
    const old = defineFlow('f', [node('a', { cache: 'content', run: () => 1 })], { module: `${module}?1` });
    await runFlow(old, { cacheDir: first });
    const fresh = defineFlow('f', [node('a', { cache: 'content', run: () => 1 })], { module: `${module}?fresh` });
    expect((await runFlow(fresh, { cacheDir: first })).nodes[0]!.status).toBe('ran');
    writeFileSync(join(root, 'helper.mjs'), 'import { one } from "./x');
    await expect(status()).rejects.toMatchObject({ problem: { kind: 'invalid-data', url: join(root, 'helper.mjs') } });
  });

  it('keeps a value no longer than told', async () => {
    const dir = cacheDir();
    let made = 0;
    const flow = defineFlow('f', [node('a', { cache: { ttlSeconds: 0.05 }, run: () => ++made })]);
    await runFlow(flow, { cacheDir: dir });
    await setTimeout(80);
    await runFlow(flow, { cacheDir: dir });
    expect(made).toBe(2);
    const long = defineFlow('f', [node('b', { cache: { ttlSeconds: 1000 }, run: () => ++made })]);
    await runFlow(long, { cacheDir: dir });
    await runFlow(long, { cacheDir: dir });
    expect(made).toBe(3);
  });

  it('makes anew what was damaged in the cache', async () => {
    const dir = cacheDir();
    const flow = defineFlow('f', [node('a', { cache: 'content', run: () => ({ text: 'right' }) })]);
    await runFlow(flow, { cacheDir: dir });
    const [name] = readdirSync(join(dir, 'values'), { recursive: true })
      .map(String)
      .filter((one) => one.endsWith('.json'));
    const path = join(dir, 'values', name!);
    const whole = readFileSync(path, 'utf8');
    for (const damaged of ['', whole.slice(0, 40), whole.replace('right', 'wrong'), '[]', 'null', '{"value":1}']) {
      writeFileSync(path, damaged);
      const run = await runFlow(flow, { cacheDir: dir });
      expect(run.nodes[0]!.status, damaged).toBe('ran');
      expect(readFileSync(path, 'utf8').replace(/"storedMs":\d+/, '')).toBe(whole.replace(/"storedMs":\d+/, ''));
    }
  });

  it('keeps files by content, and makes them anew when they have gone', async () => {
    const dir = cacheDir();
    let made = 0;
    const file = node('file', {
      cache: 'content',
      run: async (_inputs, { keepFile }) => {
        const path = join(root, 'table.csv');
        writeFileSync(path, `a\n1\n`);
        made++;
        return { table: await keepFile(path) };
      },
    });
    const length = node('length', {
      inputs: { file },
      cache: 'content',
      run: ({ file: { table } }) => readFileSync(table.path).length,
    });
    const flow = defineFlow('f', [length, file]);
    const run = await runFlow(flow, { cacheDir: dir });
    expect(run.value(length)).toBe(4);
    const { table } = run.value(file);
    expect(table).toMatchObject({ kind: 'kept-file', name: 'table.csv', size: 4 });
    expect(existsSync(join(root, 'table.csv'))).toBe(false);
    expect((await runFlow(flow, { cacheDir: dir })).nodes.map(({ status }) => status)).toEqual(['cached', 'cached']);
    rmSync(table.path);
    const again = await runFlow(flow, { cacheDir: dir });
    expect(again.nodes.map(({ node: name, status }) => [name, status])).toEqual([
      ['file', 'ran'],
      ['length', 'cached'], // the content is the same
    ]);
    expect(made).toBe(2);
  });
});

describe('files', () => {
  it('that are kept already may be kept again', async () => {
    const dir = cacheDir();
    const first = node('first', {
      cache: 'content',
      run: async (_inputs, { keepFile }) => {
        writeFileSync(join(root, 'twice.txt'), 'twice');
        return keepFile(join(root, 'twice.txt'));
      },
    });
    const second = node('second', {
      cache: 'content',
      inputs: { first },
      run: (inputs, { keepFile }) => keepFile(inputs.first.path),
    });
    const run = await runFlow(defineFlow('f', [second]), { cacheDir: dir });
    expect(readFileSync(run.value(second).path, 'utf8')).toBe('twice');
  });

  it('of others are named by content, and a kept value that names one which has changed is made anew', async () => {
    const dir = cacheDir();
    const path = join(root, 'mine.txt');
    writeFileSync(path, 'one');
    const mine = node('mine', { run: () => sourceFile(path) });
    const same = node('same', { cache: 'content', inputs: { mine }, run: (inputs) => inputs.mine });
    const statusOf = async () => (await runFlow(defineFlow('f', [same]), { cacheDir: dir })).nodes.at(-1)!.status;
    expect([await statusOf(), await statusOf()]).toEqual(['ran', 'cached']);
    writeFileSync(path, 'two');
    expect([await statusOf(), await statusOf()]).toEqual(['ran', 'cached']);
    const elsewhere = join(root, 'copy.txt');
    writeFileSync(elsewhere, 'one'); // the first content again, of which the cache has a value that names the other path
    const copy = node('mine', { run: () => sourceFile(elsewhere) });
    const again = node('same', { cache: 'content', inputs: { mine: copy }, run: (inputs) => inputs.mine });
    const run = await runFlow(defineFlow('f', [again]), { cacheDir: dir });
    expect(readFileSync(run.value(again).path, 'utf8')).toBe('one');
    await expect(sourceFile(join(root, 'absent'))).rejects.toMatchObject({ problem: { kind: 'io', code: 'ENOENT' } });
    const control = new AbortController();
    control.abort();
    await expect(sourceFile(path, control.signal)).rejects.toMatchObject({ problem: { kind: 'aborted' } });
  });
});

describe('the cleaning of the cache', () => {
  it('leaves what has no names of ours', async () => {
    const dir = cacheDir();
    for (const name of ['values/notes.json', 'files/letter.txt', 'values/ab/short.json']) {
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), 'mine');
      utimesSync(join(dir, name), new Date(0), new Date(0));
    }
    expect(await flowCacheGc({ cacheDir: dir, olderThanMs: Date.now() })).toMatchObject({
      removed: { values: 0, files: 0 },
      kept: { values: 0, files: 0 },
    });
    expect(existsSync(join(dir, 'files/letter.txt'))).toBe(true);
  });

  it('takes what was not used for long, and the files that only it names', async () => {
    const dir = cacheDir();
    const keeping = (name: string) =>
      node(name, {
        cache: 'content',
        run: async (_inputs, { keepFile }) => {
          writeFileSync(join(root, `${name}.txt`), name);
          return keepFile(join(root, `${name}.txt`));
        },
      });
    const [old, young] = [keeping('old'), keeping('young')];
    const run = await runFlow(defineFlow('f', [old, young]), { cacheDir: dir });
    const yearsAgo = new Date('2020-01-01');
    for (const name of readdirSync(dir, { recursive: true }).map(String))
      utimesSync(join(dir, name), yearsAgo, yearsAgo);
    await runFlow(defineFlow('f', [young]), { cacheDir: dir });
    const rules = { cacheDir: dir, olderThanMs: Date.parse('2024-01-01') };
    const told = { removed: { values: 1, files: 1 }, kept: { values: 1, files: 1 } };
    expect(await flowCacheGc({ ...rules, dryRun: true })).toMatchObject(told);
    expect(existsSync(run.value(old).path)).toBe(true);
    expect(await flowCacheGc(rules)).toMatchObject(told);
    expect([existsSync(run.value(old).path), existsSync(run.value(young).path)]).toEqual([false, true]);
    const again = await runFlow(defineFlow('f', [old, young]), { cacheDir: dir });
    expect(again.nodes.map(({ node: name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'old ran',
      'young cached',
    ]);
    expect(await flowCacheGc({ ...rules, cacheDir: join(root, 'absent') })).toMatchObject({ kept: { values: 0 } });
  });
});

describe('order and concurrency', () => {
  it('lets elements of maps in a row go on one by one, so many at a time as told', async () => {
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const first = mapNode('first', {
      over: inputNode<readonly number[]>('delays'),
      key: (ms) => String(ms),
      run: async (ms) => {
        most = Math.max(most, ++running);
        await setTimeout(ms);
        running--;
        log.push(`first ${ms}`);
        return ms;
      },
    });
    const second = mapNode('second', {
      over: first,
      concurrency: 1,
      run: (ms) => {
        log.push(`second ${ms}`);
        return -ms;
      },
    });
    const run = await runFlow(defineFlow('f', [second]), { inputs: { delays: [200, 1, 2, 3] }, jobs: 2 });
    expect(most).toBe(2);
    expect(log.indexOf('second 1')).toBeLessThan(log.indexOf('first 200'));
    expect([...run.elements(second).values()]).toEqual([-200, -1, -2, -3]);
  });

  it('runs nothing that no target needs', async () => {
    const a = node('a', { run: () => 1 });
    const b = node('b', { inputs: { a }, run: ({ a: value }) => value + 1 });
    const run = await runFlow(defineFlow('f', [b]), { targets: ['a'] });
    expect(run.nodes.map(({ node: name }) => name)).toEqual(['a']);
    expect(() => run.value(b)).toThrow(/b did not run/);
  });

  it('closes what was opened, the last first, whatever happens', async () => {
    const log: string[] = [];
    const open = (name: string) =>
      node(name, { run: (_inputs, { onEnd }) => onEnd(() => void log.push(`close ${name}`)) });
    const [a, b] = [open('a'), open('b')];
    const use = node('use', {
      inputs: { a, b },
      run: () => {
        throw new CubeError({ kind: 'no-data', what: 'nothing there' });
      },
    });
    await expect(runFlow(defineFlow('f', [use]))).rejects.toMatchObject({ problem: { kind: 'no-data' } });
    expect(log).toEqual(['close b', 'close a']);
  });
});

describe('a map over nothing', () => {
  it.each([[[]], [['x', 'x']]])('waits for what was begun for it: %j', async (names: string[]) => {
    const log: string[] = [];
    const session = node('session', {
      run: async (_inputs, { onEnd }) => {
        log.push('open');
        await setTimeout(50);
        onEnd(() => void log.push('close'));
        return 1;
      },
    });
    const list = inputNode<readonly string[]>('names');
    const parts = mapNode('parts', { over: list, key: (name) => name, inputs: { session }, run: () => 1 });
    await runFlow(defineFlow('f', [parts]), { inputs: { names } }).catch(() => {});
    expect(log).toEqual(names.length === 0 ? ['open', 'close'] : []); // after a failure nothing begins
  });

  it('fails where what it reads fails', async () => {
    const broken = node('broken', {
      run: () => {
        throw new CubeError({ kind: 'no-data', what: 'nothing' });
      },
    });
    const list = node('list', { run: () => [] as string[] });
    const parts = mapNode('parts', { over: list, key: (name) => name, inputs: { broken }, run: () => 1 });
    await expect(runFlow(defineFlow('f', [parts]))).rejects.toThrow('no-data: nothing');
  });
});

describe('failures', () => {
  const parts = mapNode('parts', {
    over: inputNode<readonly string[]>('names'),
    key: (name) => name,
    run: (name) => {
      if (name === 'bad') throw new CubeError({ kind: 'no-data', what: 'bad is empty' });
      if (name === 'broken') throw new TypeError('no function');
      return name.toUpperCase();
    },
  });
  const joined = collectNode('joined', {
    from: mapNode('longer', { over: parts, run: (text) => `${text}!` }),
    run: (elements) => elements.map((one) => (one.ok ? one.value : `${one.key} failed`)).join(' '),
  });
  const flow = defineFlow('f', [joined]);

  it('end the run, with the problem of the first', async () => {
    const seen: string[] = [];
    const run = runFlow(flow, {
      inputs: { names: ['a', 'bad', 'b'] },
      jobs: 1,
      onNode: ({ node: name, key, status }) => seen.push(`${name} ${key} ${status}`),
    });
    await expect(run).rejects.toThrow('no-data: bad is empty');
    expect(seen).toContain('parts bad failed');
    expect(seen).toContain('joined null skipped');
  });

  it('of other errors tell the node and the element', async () => {
    await expect(runFlow(flow, { inputs: { names: ['broken'] } })).rejects.toThrow(
      'worker: parts[broken]: TypeError: no function',
    );
  });

  it('of elements may be gone on without, and are told', async () => {
    const run = await runFlow(flow, { inputs: { names: ['a', 'bad', 'b'] }, keepGoing: true });
    expect(run.value(joined)).toBe('A! bad failed B!');
    const failed = run.nodes.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ node: 'parts', key: 'bad', problem: { kind: 'no-data' } }]);
    expect(run.nodes.filter(({ status }) => status === 'skipped')).toMatchObject([{ node: 'longer', key: 'bad' }]);
    const some = runFlow(flow, { inputs: { names: ['broken'] }, keepGoing: ({ kind }) => kind === 'no-data' });
    await expect(some).rejects.toMatchObject({ problem: { kind: 'worker' } });
  });

  it('of checks fail the node or warn, and such a value is not kept', async () => {
    const dir = cacheDir();
    const checked = (severity: 'error' | 'warn') =>
      defineFlow('f', [
        node('a', {
          cache: 'content',
          run: () => [1, -1],
          checks: [
            { name: 'positive', severity, fault: (all) => (all.every((one) => one > 0) ? null : 'there is -1') },
          ],
        }),
      ]);
    for (let i = 0; i < 2; i++)
      await expect(runFlow(checked('error'), { cacheDir: dir })).rejects.toThrow(
        'a fails its check positive: there is -1',
      );
    for (let i = 0; i < 2; i++) {
      const run = await runFlow(checked('warn'), { cacheDir: dir });
      expect(run.nodes).toMatchObject([{ status: 'ran', warnings: ['a fails its check positive: there is -1'] }]);
    }
    const passing = (severity: 'error' | 'warn') =>
      defineFlow('f', [
        node('a', { cache: 'content', run: () => 1, checks: [{ name: 'c', severity, fault: () => null }] }),
      ]);
    await runFlow(passing('warn'), { cacheDir: dir });
    expect((await runFlow(passing('error'), { cacheDir: dir })).nodes[0]!.status).toBe('ran');
  });

  it('an abort stops the run', async () => {
    const control = new AbortController();
    const slow = mapNode('slow', {
      over: node('list', { run: () => [1, 2, 3, 4, 5] }),
      key: String,
      concurrency: 1,
      run: async (_one, _inputs, { signal }) => {
        control.abort();
        await setTimeout(5000, null, { signal });
      },
    });
    const run = runFlow(defineFlow('f', [slow]), { signal: control.signal });
    await expect(run).rejects.toMatchObject({ problem: { kind: 'aborted' } });
  });

  it("the caller's own errors come out", async () => {
    const onNode = () => {
      throw new RangeError('mine');
    };
    await expect(runFlow(flow, { inputs: { names: ['a'] }, onNode })).rejects.toThrow('mine');
  });
});

describe('wrong use', () => {
  const a = node('a', { run: () => 1 });

  it.each([
    [
      'two nodes of one name',
      () => defineFlow('f', [a, node('a', { run: () => 2 })]),
      /two nodes of the flow f are named a/,
    ],
    ['strange names', () => defineFlow('f', [node('a b', { run: () => 2 })]), /no name of a node/],
    ['no node', () => defineFlow('f', []), /has no node/],
    [
      'a node of the name of what it reads',
      () => defineFlow('f', [node('a', { inputs: { a }, run: () => 2 })]),
      /two nodes/,
    ],
    [
      'half a concurrency',
      () =>
        defineFlow('f', [
          mapNode('m', { over: inputNode<number[]>('l'), key: String, concurrency: 1.5, run: () => 2 }),
        ]),
      /concurrency of m is 1.5/,
    ],
    [
      'a time that is none',
      () => defineFlow('f', [node('t', { cache: { ttlSeconds: Number.NaN }, run: () => 2 })]),
      /ttlSeconds of t/,
    ],
    [
      'a cached function whose text cannot be seen',
      () => defineFlow('f', [node('b', { cache: 'content', run: Math.random })]),
      /text of a function of b/,
    ],
  ])('%s are refused', (_what, make, words) => {
    expect(make).toThrow(words);
  });

  it.each([
    ['an absent input', { inputs: {} }, /needs names.*give a value for names/],
    ['an unknown input', { inputs: { names: [], nams: [] } }, /has no node "nams".*did you mean "names"/],
    ['a node as input', { inputs: { names: [], parts: [] } }, /parts is no input/],
    ['an unknown target', { targets: ['part'] }, /did you mean "parts"/],
    ['jobs', { inputs: { names: [] }, jobs: 0 }, /jobs is 0/],
    ['no list', { inputs: { names: 'abc' } }, /parts goes over names, which is no list/],
    ['equal keys', { inputs: { names: ['x', 'x'] } }, /two elements of names have the key "x"/],
    ['no key', { inputs: { names: [''] } }, /element 0 of names has no key/],
    ['a key that fails', { inputs: { names: [null] } }, /worker: the key of element 0 in parts: Cannot read/],
  ])('%s is told', async (_what, options, words) => {
    const parts = mapNode('parts', {
      over: inputNode<readonly string[]>('names'),
      key: (name) => name.trim(),
      run: () => 1,
    });
    await expect(runFlow(defineFlow('f', [parts]), options)).rejects.toThrow(words);
  });

  it('a value that cannot be hashed cannot be kept', async () => {
    const session = node('session', { run: () => new Map() });
    const reader = node('reader', { inputs: { session }, cache: 'content', run: () => 1 });
    await expect(runFlow(defineFlow('f', [reader]), { cacheDir: cacheDir() })).rejects.toThrow(
      /reader is cached by content, but of its input session the value is a Map/,
    );
    const dated = node('dated', { cache: 'content', run: () => ({ list: [{ on: new Date(0) }] }) });
    await expect(runFlow(defineFlow('f', [dated]), { cacheDir: cacheDir() })).rejects.toThrow(
      /the value\.list\[0\]\.on is a Date/,
    );
  });
});
