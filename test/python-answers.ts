import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

type Head = { readonly bytes: number } | { readonly error: string };
type Question = { readonly answer: (bytes: Uint8Array) => void; readonly fail: (error: Error) => void };

/**
 * A script in one Python process that answers many questions: a question is a line of JSON, an answer a line of JSON with
 * the number of `bytes` that follow it, or with an `error`. It starts with the first question; `close` ends it.
 */
export class PythonAnswers {
  readonly #python: string;
  readonly #script: string;
  readonly #waiting: Question[] = [];
  #child: ChildProcess | null = null;
  #said: Buffer = Buffer.alloc(0);
  #errors = '';

  constructor(python: string, script: string) {
    this.#python = python;
    this.#script = script;
  }

  ask(question: unknown): Promise<Uint8Array> {
    this.#child ??= this.#start();
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    return new Promise((answer, fail) => this.#waiting.push({ answer, fail }));
  }

  async close(): Promise<void> {
    if (this.#child === null) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin!.end();
    await closed;
  }

  #start(): ChildProcess {
    const child = spawn(this.#python, [this.#script], { stdio: 'pipe' });
    child.stdout.on('data', (part: Buffer) => {
      this.#said = Buffer.concat([this.#said, part]);
      this.#answerAll();
    });
    child.stderr.on('data', (part: Buffer) => (this.#errors = (this.#errors + part.toString()).slice(-2000)));
    child.stdin.on('error', () => {}); // its end tells
    const end = (why: string) => {
      this.#child = null;
      for (const { fail } of this.#waiting.splice(0)) fail(new Error(`${this.#script} ${why}: ${this.#errors}`));
    };
    child.on('error', ({ message }) => end(message));
    child.on('close', (code) => end(`left with ${code}`));
    return child;
  }

  /** Answer what is whole. */
  #answerAll(): void {
    while (this.#waiting.length > 0) {
      const end = this.#said.indexOf(10);
      if (end === -1) return;
      const head = JSON.parse(this.#said.subarray(0, end).toString()) as Head;
      const next = end + 1 + ('bytes' in head ? head.bytes : 0);
      if (this.#said.length < next) return;
      const bytes = this.#said.subarray(end + 1, next);
      this.#said = this.#said.subarray(next);
      const { answer, fail } = this.#waiting.shift()!;
      if ('bytes' in head) answer(bytes);
      else fail(new Error(head.error));
    }
  }
}
