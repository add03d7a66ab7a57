import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LATENCY_MS = 25;

/** The server of the remote cases, in a process of its own. */
export class LatencyServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Serve a folder; every answer comes 25 ms late. `bench` is where the server's source is. */
  static async start(bench: string, folder: string): Promise<LatencyServer> {
    const parameters = [join(bench, 'latency-server.mjs'), folder, '--latency', String(LATENCY_MS)];
    const child = spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) return new LatencyServer(line, child);
    throw new Error('the server of the remote cases did not start');
  }

  /** It leaves when its input ends. */
  close(): void {
    this.#child.stdin?.end();
  }
}
