import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseAnswer, parseHello, type Answer, type Request } from './protocol.js';

/** How a route is started. */
export type RouteCommand = { readonly name: string; readonly file: string; readonly parameters: readonly string[] };

/** A route in a process of its own, so that CPU time and memory are its own, too. */
export class RouteProcess {
  readonly name: string;
  readonly versions: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, versions: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.versions = versions;
    this.#child = child;
    this.#lines = lines;
  }

  /** Start a route and wait until it is ready, its libraries loaded. A text says why it cannot run here. */
  static async start({ name, file, parameters }: RouteCommand): Promise<RouteProcess | string> {
    const child = spawn(file, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await Promise.race([lines.next(), failed]).catch((error: Error) => error);
    if (first instanceof Error) return `${file} does not start: ${first.message}`;
    if (first.done === true) return `${name} ended before it was ready`;
    const hello = parseHello(first.value);
    if ('absent' in hello) return hello.absent;
    return new RouteProcess(name, hello.ready, child, lines);
  }

  /** One round. A route that dies gives an error answer. */
  async ask(request: Request): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    return line.done === true ? { error: `${this.name} ended in the middle of a round` } : parseAnswer(line.value);
  }

  /** End the process: its input ends, so it leaves; it is waited for. */
  async close(): Promise<void> {
    const gone = this.#child.exitCode !== null || this.#child.signalCode !== null;
    this.#child.stdin?.end();
    // A route with threads of its own may not leave by itself.
    this.#child.kill();
    if (!gone) await new Promise((resolve) => this.#child.once('exit', resolve));
  }
}
