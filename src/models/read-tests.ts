import { basename } from 'node:path';
import { specError } from '../cube/spec-error.js';
import { BUILT_IN_TESTS } from './generic-tests.js';
import { type KnownNames, assertKnown, suggestion } from './known-names.js';
import type { Jinja } from './jinja.js';
import type { ProjectFile } from './project-files.js';
import type { MacroFile, Model, ModelSource, ModelTest, ModelValue } from './project.js';
import type { AskedTest, Properties } from './properties.js';
import { scanTemplates } from './scan-template.js';

type Reading = KnownNames & {
  readonly jinja: Jinja;
  readonly vars: { readonly [name: string]: ModelValue };
  readonly macros: readonly MacroFile[];
};

/** Text that dbt takes as an expression wherever an argument of a test may stand. */
const EXPRESSION = /^\s*(?:ref|source|var|env_var)\s*\(.*\)\s*$/s;

/** Every test of the project whose model is enabled, those of files of properties first. */
export function readTests(
  files: readonly ProjectFile[],
  properties: readonly Properties[],
  reading: Reading,
): ModelTest[] {
  const macros = new Set<string>(BUILT_IN_TESTS);
  for (const { text } of reading.macros) {
    for (const [, block, name] of text.matchAll(/\{%[-+]?\s*(test|data_test|macro)\s+(\w+)/g)) {
      macros.add(block === 'macro' ? name!.replace(/^test_/, '') : name!);
    }
  }
  return [
    ...properties.flatMap(({ path, models, sources }) => [
      ...models.flatMap((one) => genericTests(path, { kind: 'model', ...one }, macros, reading)),
      ...sources.flatMap((one) => genericTests(path, { kind: 'source', ...one }, macros, reading)),
    ]),
    ...files.map((file) => singularTest(file, reading)),
  ];
}

/** The template that a text of an argument is, or null where it is a text and no more. */
export function argumentTemplate(value: ModelValue): string | null {
  if (typeof value !== 'string') return null;
  if (EXPRESSION.test(value)) return `{{ ${value} }}`;
  return value.includes('{{') ? value : null;
}

type Owner = (
  | { readonly kind: 'model'; readonly name: string }
  | ({ readonly kind: 'source' } & Pick<ModelSource, 'name'>)
) & { readonly tests: readonly AskedTest[] };

function genericTests(path: string, owner: Owner, macros: ReadonlySet<string>, reading: Reading): ModelTest[] {
  const { kind, name, tests } = owner;
  if (kind === 'model' && !reading.models.has(name)) return [];
  return tests.flatMap((asked) => {
    if (!asked.enabled) return [];
    const { macro, column, parameters, where, severity, tags } = asked;
    const label = `${name}${column === null ? '' : `.${column}`}: ${macro}`;
    if (!macros.has(macro))
      throw specError(`${path}: ${label}`, `there is no test "${macro}"`, suggestion(macro, macros));
    const templates = Object.values(parameters).flatMap((value) => argumentTemplate(value) ?? []);
    const text = templates.join('\n');
    const scan = scanTemplates(reading.jinja, [{ path, text }], reading.vars);
    const refs = [...new Set([...scan.refs, ...(kind === 'model' ? [name] : [])])].sort();
    const sources = [...new Set([...scan.sources, ...(kind === 'source' ? [name] : [])])].sort();
    assertKnown({ path: `${path}: ${label}`, text: '', refs, sources }, reading);
    const question = { kind: 'generic', macro, on: { kind, name }, column, parameters, where } as const;
    return [{ name: label, path, question, severity, tags, refs, sources }];
  });
}

function singularTest(file: ProjectFile, reading: Reading): ModelTest {
  const { path, text } = file;
  const scan = scanTemplates(reading.jinja, [file], reading.vars);
  const severity = scan.config['severity'] === 'warn' ? 'warn' : 'error';
  const tags = [scan.config['tags'] ?? []].flat().map(String);
  const reader: Pick<Model, 'path' | 'text' | 'refs' | 'sources'> = {
    path,
    text,
    refs: [...scan.refs].sort(),
    sources: [...scan.sources].sort(),
  };
  assertKnown(reader, reading);
  return { ...reader, name: basename(path, '.sql'), question: { kind: 'singular', text }, severity, tags };
}
