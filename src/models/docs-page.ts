import { drawGraph } from '../flows/draw-graph.js';
import { escapeHtml } from '../io/escape-html.js';
import { lineageOf, graphOf } from './lineage.js';
import type { Model, ModelColumn, ModelProject, ModelSource, ModelTest } from './project.js';
import { readProject, type ProjectInput } from './read-project.js';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2228; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #dde3ea; }
section { margin-top: 2.5rem; } .lineage { overflow-x: auto; } code, pre { font: 13px ui-monospace, monospace; } pre { overflow-x: auto; background: #f3f5f7; padding: .75rem; }
.facts { color: #5b6570; }`;

/** Models, columns, tests and lineage of a project as one HTML page without scripts. No lake is needed. Problems: those of `readProject`. */
export async function modelDocs(input: ProjectInput): Promise<string> {
  return docsPage(await readProject(input));
}

/** The same of a project that has been read. */
export async function docsPage(project: ModelProject): Promise<string> {
  const { name, models, sources } = project;
  const title = escapeHtml(`Models of ${name}`);
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>`,
    `<div class="lineage">${await drawGraph(graphOf(lineageOf(project)))}</div>`,
    '<h2>Models</h2>',
    ...[...models.values()].map((model) => modelSection(model, project)),
    '<h2>Sources</h2>',
    ...[...sources.values()].map((source) => sourceSection(source, project)),
    singularTests(project),
    '</body></html>\n',
  ].join('\n');
}

function modelSection(model: Model, project: ModelProject): string {
  const { name, path, description, config, columns, refs, sources } = model;
  const readers = [...project.models.values()].filter((other) => other.refs.includes(name)).map((other) => other.name);
  const facts = [
    `${escapeHtml(`${config.schema}.${config.alias}`)} · ${config.materialized} · ${escapeHtml(path)}`,
    ...(config.tags.length === 0 ? [] : [`tags: ${escapeHtml(config.tags.join(', '))}`]),
    `reads: ${links([...sources, ...refs])}`,
    `read by: ${links(readers)}`,
  ];
  return section(name, [
    `<p>${escapeHtml(description)}</p><p class="facts">${facts.join('<br>')}</p>`,
    aspects(columns, testsOn(project, 'model', name)),
    `<details><summary>SQL</summary><pre>${escapeHtml(model.text)}</pre></details>`,
  ]);
}

function sourceSection(
  { name, schema, table, description, columns, optional }: ModelSource,
  project: ModelProject,
): string {
  const facts = escapeHtml(`${schema}.${table}${optional ? ' · may be absent' : ''}`);
  return section(name, [
    `<p>${escapeHtml(description)}</p><p class="facts">${facts}</p>`,
    aspects(columns, testsOn(project, 'source', name)),
  ]);
}

function section(name: string, parts: readonly string[]): string {
  return `<section id="${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${parts.join('')}</section>`;
}

function links(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.map((name) => `<a href="#${encodeURIComponent(name)}">${escapeHtml(name)}</a>`).join(', ');
}

type ColumnTests = { readonly column: string | null; readonly text: string };

function testsOn({ tests }: ModelProject, kind: 'model' | 'source', name: string): ColumnTests[] {
  return tests.flatMap(({ question }) => {
    if (question.kind === 'singular' || question.on.kind !== kind || question.on.name !== name) return [];
    const parameters = Object.entries(question.parameters).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    const text = parameters.length === 0 ? question.macro : `${question.macro} (${parameters.join(', ')})`;
    return [{ column: question.column, text }];
  });
}

/** Columns with their tests, then the tests of the whole. */
function aspects(columns: readonly ModelColumn[], tests: readonly ColumnTests[]): string {
  const of = (column: string | null) =>
    tests
      .filter((test) => test.column === column)
      .map(({ text }) => escapeHtml(text))
      .join('<br>');
  const rows = columns.map(
    ({ name, description }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(description)}</td><td>${of(name)}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr><th>column</th><th>description</th><th>tests</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const whole = of(null);
  return whole === '' ? table : `${table}<p>Tests: ${whole}</p>`;
}

function singularTests({ tests }: ModelProject): string {
  const rows = tests.flatMap((test: ModelTest) => {
    if (test.question.kind === 'generic') return [];
    const read = links([...test.sources, ...test.refs]);
    return [`<tr><td>${escapeHtml(test.name)}</td><td>${escapeHtml(test.path)}</td><td>${read}</td></tr>`];
  });
  if (rows.length === 0) return '';
  return `<h2>Other tests</h2><table><thead><tr><th>test</th><th>file</th><th>reads</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
