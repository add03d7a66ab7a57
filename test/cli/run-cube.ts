import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFolder } from '../lake/built.js';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

let built: string | null = null;

/** The compiled command, built first where a source is newer. */
export function cubePath(): string {
  const folders = readdirSync(SOURCE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  built ??= join(builtFolder(...folders.map(({ name }) => name)), 'cli', 'main.js');
  return built;
}

export type CubeRun = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Most memory that was resident at a time, in bytes. */
  readonly peakBytes: number;
};

export type CubeOptions = {
  readonly cwd?: string;
  /** SIGINT (Ctrl-C) is sent when this resolves. */
  readonly interruptAt?: Promise<void>;
  /** Called with all of stderr whenever there is more of it. */
  readonly onStderr?: (text: string) => void;
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Written to file descriptor 3 when the process ends, so that both streams stay the command's own. */
const REPORT = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`;

/** Run `cube` as a person would. */
export function runCube(
  parameters: readonly string[],
  { cwd, interruptAt, onStderr, env }: CubeOptions = {},
): Promise<CubeRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', REPORT, cubePath(), ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
    });
    const texts = ['', '', '', ''];
    for (const [number, stream] of child.stdio.entries()) {
      stream?.on('data', (part: Buffer) => {
        texts[number] += part.toString('utf8');
        if (number === 2) onStderr?.(texts[2]!);
      });
    }
    void interruptAt?.then(() => child.kill('SIGINT'));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: texts[1]!, stderr: texts[2]!, peakBytes: Number(texts[3]) * 1024 }),
    );
  });
}
