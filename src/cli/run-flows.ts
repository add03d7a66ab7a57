import { resolve } from 'node:path';
import { formatBytes } from '../build/format-bytes.js';
import { CubeError, formatProblem, redactUrl } from '../errors.js';
import { flowCacheGc, type FlowCacheGcReport } from '../flows/flow-cache-gc.js';
import type { NodeRun } from '../flows/node-worker.js';
import { runFlow, type FlowRun } from '../flows/run-flow.js';
import { describeFlow, formatFlow, type FlowFormat } from '../flows/show-flow.js';
import type { FlowSelection } from '../flows/lineage.js';
import { writeFileAtomic } from '../io/write-file.js';
import { interruptible } from './interrupt.js';
import { FLOWS, loadFlow } from './load-flow.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { numberOption } from './parse-options.js';
import { parseTime } from './version-options.js';

/** Options of `cube flow show` and `lineage`, as they were typed. */
export type ShowOptions = CommonOptions & {
  readonly format: FlowFormat;
  readonly out?: string;
  readonly up?: string[];
  readonly down?: string[];
  readonly tag?: string;
};

/** Options of `cube flow run`, as they were typed. */
export type RunOptions = CommonOptions & {
  readonly input: string[];
  readonly target?: string[];
  readonly jobs: string;
  readonly cache?: string;
  readonly again?: boolean;
  readonly keepGoing?: boolean;
};

/** What `cube flow show` and `cube flow lineage` do. Never throws: the problem is printed and the exit code set. */
export async function runShow(given: string | undefined, options: ShowOptions): Promise<void> {
  try {
    if (given === undefined) return printFlows(options);
    const flow = await loadFlow(given);
    const selection = selectionOf(options);
    const text = await formatFlow(flow, options.format, selection);
    if (options.out !== undefined) {
      const path = resolve(options.out);
      await writeFileAtomic(path, [`${text}\n`]);
      return printResult(options, { path }, () => path);
    }
    printResult(options, { flow: flow.name, nodes: describeFlow(flow, selection) }, () => text);
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube flow run` does. Never throws. */
export async function runFlowCommand(given: string, options: RunOptions): Promise<void> {
  try {
    const flow = await loadFlow(given);
    const run = await interruptible('what is kept is kept; run it again', (signal) =>
      runFlow(flow, {
        inputs: inputsOf(options.input),
        jobs: numberOption('--jobs', Number(options.jobs), 1, 1000),
        again: options.again === true,
        keepGoing: options.keepGoing === true,
        signal,
        onNode: (ended) => {
          if (options.quiet !== true) process.stderr.write(`${describeNode(ended)}\n`);
        },
        ...(options.target === undefined ? {} : { targets: options.target }),
        ...(options.cache === undefined ? {} : { cacheDir: options.cache }),
      }),
    );
    const targets = options.target ?? flow.targets;
    // Manifests may have addresses with keys; what a flow of somebody else returns is his to show.
    const shown = FLOWS.includes(flow) ? withoutUrlSecrets : (value: unknown) => value;
    printResult(
      options,
      { ...run, values: Object.fromEntries(targets.map((name) => [name, shown(run.named(name))])) },
      () => summary(run),
    );
    const failed = run.nodes.filter(({ status }) => status === 'failed').length;
    if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'elements', failed }));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube flow gc` does. Never throws. */
export async function runFlowGc(
  options: CommonOptions & { readonly olderThan: string; readonly cache?: string; readonly dryRun?: boolean },
): Promise<void> {
  try {
    const { cache, dryRun = false } = options;
    const olderThanMs = parseTime(options.olderThan, '--older-than').fromMs;
    const report = await interruptible('what was removed is gone, the rest is sound', (signal) =>
      flowCacheGc({ olderThanMs, dryRun, signal, ...(cache === undefined ? {} : { cacheDir: cache }) }),
    );
    const line = ({ values, files, bytes }: FlowCacheGcReport['kept']) =>
      `${values} values, ${files} files, ${formatBytes(bytes)}`;
    printResult(options, report, () =>
      [`${dryRun ? 'would go' : 'removed '} ${line(report.removed)}`, `kept     ${line(report.kept)}`].join('\n'),
    );
  } catch (error) {
    printError(options, error);
  }
}

function withoutUrlSecrets(value: unknown): unknown {
  if (typeof value === 'string') return /^https?:/i.test(value) ? redactUrl(value) : value;
  if (Array.isArray(value)) return value.map(withoutUrlSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutUrlSecrets(one)]));
}

function printFlows(options: CommonOptions): void {
  const flows = FLOWS.map(({ name, description, nodes }) => ({ flow: name, description, nodes: nodes.size }));
  const line = (one: (typeof flows)[number]) => `${one.flow}  ${one.nodes} nodes  ${one.description ?? ''}`;
  printResult(options, { flows }, () => flows.map(line).join('\n'));
}

function selectionOf({ up, down, tag }: ShowOptions): FlowSelection {
  return {
    ...(up === undefined ? {} : { upstreamOf: up }),
    ...(down === undefined ? {} : { downstreamOf: down }),
    ...(tag === undefined ? {} : { tag }),
  };
}

function inputsOf(given: readonly string[]): Record<string, unknown> {
  const inputs: Record<string, unknown> = {};
  for (const one of given) {
    const at = one.indexOf('=');
    if (at < 1) throw new CubeError({ kind: 'invalid-argument', what: `--input ${one} is not NAME=VALUE` });
    const name = one.slice(0, at);
    if (Object.hasOwn(inputs, name))
      throw new CubeError({ kind: 'invalid-argument', what: `--input ${name} is given twice` });
    inputs[name] = valueOf(one.slice(at + 1));
  }
  return inputs;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describeNode({ node, key, status, seconds, warnings, problem }: NodeRun): string {
  const name = key === null ? node : `${node}[${key}]`;
  const said = [...warnings, ...(problem === null ? [] : [formatProblem(problem)])]
    .map((text) => `\n        ${text}`)
    .join('');
  return `${status.padEnd(7)} ${name} (${seconds.toFixed(2)} s)${said}`;
}

function summary({ flow, nodes, seconds }: FlowRun): string {
  const counts = new Map<string, number>();
  for (const { status } of nodes) counts.set(status, (counts.get(status) ?? 0) + 1);
  const told = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  return `${flow}: ${told || 'nothing to do'} (${seconds.toFixed(1)} s)`;
}
