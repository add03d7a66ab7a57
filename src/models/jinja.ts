import { Environment } from 'minijinja-js';
import { isCubeError } from '../errors.js';
import { specError } from '../cube/spec-error.js';
import type { MacroFile } from './project.js';

/** What a template may use: functions get positional arguments, and keyword arguments as a `Map` behind them. */
export type Globals = { readonly [name: string]: unknown };

/** Name of the template that holds all macros, and of every other one: names that end in yml or html would have values escaped. */
const MACROS = 'macros';
const TEMPLATE = 'template';

const MACRO = /\{%[-+]?\s*macro\s+(\w+)/g;

/**
 * Templates with the project's macros. It is Jinja as its author's Rust port has it: an undefined name is an error, and
 * `none` and `true` print as such. Call `free` at the end.
 */
export class Jinja {
  readonly #environment = new Environment();
  readonly #macros: readonly MacroFile[];
  /** Put before a template, on its first line so that lines keep their numbers. */
  readonly #imports: string;

  constructor(macros: readonly MacroFile[]) {
    this.#macros = macros;
    this.#environment.undefinedBehavior = 'strict';
    this.#environment.enablePyCompat();
    const texts = macros.map(({ text }) => asMacros(text));
    const names = [...new Set(texts.flatMap((text) => Array.from(text.matchAll(MACRO), (match) => match[1]!)))];
    this.#imports = names.length === 0 ? '' : `{% from '${MACROS}' import ${names.join(', ')} %}`;
    // The template of macros is parsed here, and run by every template that imports from it.
    this.#located(MACROS, () => this.#environment.addTemplate(MACROS, texts.join('\n')));
  }

  /** The text of a template. Problem: `invalid-spec` at file and line; what a function throws comes through. */
  render(path: string, text: string, globals: Globals): string {
    const failures: unknown[] = [];
    for (const [name, value] of Object.entries(globals)) {
      this.#environment.addGlobal(name, typeof value === 'function' ? guarded(value, failures) : value);
    }
    const rendered = this.#located(
      path,
      () => this.#environment.renderNamedStr(TEMPLATE, this.#imports + text, {}),
      failures,
    );
    if (failures.length > 0) throw failures[0];
    return rendered;
  }

  /** Release its memory, which lies outside JavaScript's. */
  free(): void {
    this.#environment.free();
  }

  #located<T>(path: string, action: () => T, failures: readonly unknown[] = []): T {
    try {
      return action();
    } catch (error) {
      if (failures.length > 0) throw failures[0];
      if (!(error instanceof Error) || isCubeError(error)) throw error;
      const [message] = error.message.split('\n');
      const [, what, name, line] = /^(.*?) \(in (.+):(\d+)\)$/.exec(message!) ?? [null, message!, path, ''];
      throw specError(this.#place(name === MACROS ? MACROS : path, Number(line)), what!);
    }
  }

  // Lines of the template of macros are those of the files one after the other.
  #place(name: string, line: number): string {
    if (name !== MACROS) return line === 0 ? name : `${name}:${line}`;
    let before = 0;
    for (const { path, text } of this.#macros) {
      const lines = text.split('\n').length;
      if (line <= before + lines) return `${path}:${line - before}`;
      before += lines;
    }
    return name;
  }
}

/** dbt's blocks of tests are macros by another name. */
function asMacros(text: string): string {
  return text
    .replace(/(\{%[-+]?\s*)(?:data_)?test\s+(\w+)/g, '$1macro test_$2')
    .replace(/(\{%[-+]?\s*)end(?:data_)?test\b/g, '$1endmacro');
}

// An error that is thrown through WebAssembly ends it for good, so it waits outside.
function guarded(action: Function, failures: unknown[]): (...parameters: unknown[]) => unknown {
  return (...parameters) => {
    try {
      return action(...parameters);
    } catch (error) {
      failures.push(error);
      return '';
    }
  };
}
