import { sqlName } from '../duckdb/connection.js';
import { LAKE } from '../lake/attach.js';
import type { AbsentSources } from './absent-sources.js';
import { BUILT_IN_MACROS } from './generic-tests.js';
import { Jinja } from './jinja.js';
import type { Model, ModelProject, ModelTest, ModelValue } from './project.js';
import { argumentTemplate } from './read-tests.js';
import { atPlace } from './scan-template.js';
import { templateGlobals } from './template-globals.js';

/** A name in the attached lake. */
export function relationName(schema: string, table: string): string {
  return [LAKE, schema, table].map(sqlName).join('.');
}

/** Where the rows of a model are. */
export function modelRelation({ config }: Model): string {
  return relationName(config.schema, config.alias);
}

/** Renders the templates of a project to SQL over the attached lake. Call `free` at the end. */
export class ModelCompiler {
  readonly #project: ModelProject;
  readonly #jinja: Jinja;
  /** Sources that the lake does not have. */
  absent: AbsentSources = new Map();
  /** SQL of ephemeral models. */
  readonly #inlined = new Map<string, string>();

  constructor(project: ModelProject) {
    this.#project = project;
    this.#jinja = new Jinja([BUILT_IN_MACROS, ...project.macros]);
  }

  /** The query of a model. */
  modelSql(model: Model, isIncremental: boolean): string {
    return this.#render(model, model.text, { own: modelRelation(model), isIncremental });
  }

  /** A statement of its configuration. */
  hookSql(model: Model, hook: string, isIncremental: boolean): string {
    return this.#render(model, hook, { own: modelRelation(model), isIncremental });
  }

  /** The query whose rows are failures. */
  testSql(test: ModelTest): string {
    const { question } = test;
    const context = { own: null, isIncremental: false };
    if (question.kind === 'singular') return this.#render(test, question.text, context);
    const { macro, column, parameters, where } = question;
    const values: Record<string, unknown> = {
      model: this.#tested(test),
      ...(column === null ? {} : { column_name: column }),
    };
    if (where !== null) values['model'] = `(SELECT * FROM ${String(values['model'])} WHERE ${where})`;
    for (const [name, value] of Object.entries(parameters)) values[name] = this.#argument(test, value);
    const named = Object.keys(values).map((name) => `${name}=test_arguments.${name}`);
    return this.#render(test, `{{ test_${macro}(${named.join(', ')}) }}`, context, { test_arguments: values });
  }

  /** Release the memory of the templates. */
  free(): void {
    this.#jinja.free();
  }

  #tested({ question }: ModelTest): string {
    if (question.kind === 'singular') return '';
    const { kind, name } = question.on;
    if (kind === 'source') return this.#source(name);
    this.#inline([name]);
    return this.#ref(name);
  }

  #argument(test: ModelTest, value: ModelValue): unknown {
    const template = argumentTemplate(value);
    return template === null ? value : this.#render(test, template, { own: null, isIncremental: false });
  }

  #render(
    reader: Pick<Model, 'path' | 'refs'>,
    text: string,
    context: { readonly own: string | null; readonly isIncremental: boolean },
    more: { readonly [name: string]: unknown } = {},
  ): string {
    this.#inline(reader.refs); // a template cannot be rendered while another one is
    const globals = templateGlobals({
      ...context,
      vars: this.#project.vars,
      ref: (name) => this.#ref(name),
      source: (group, table) => this.#source(`${group}.${table}`),
      config: () => {},
      execute: true,
    });
    return atPlace(reader.path, text, () => this.#jinja.render(reader.path, text, { ...globals, ...more })).trim();
  }

  #inline(names: readonly string[]): void {
    for (const name of names) {
      const model = this.#project.models.get(name)!;
      if (model.config.materialized !== 'ephemeral' || this.#inlined.has(name)) continue;
      this.#inlined.set(name, this.modelSql(model, false));
    }
  }

  #ref(name: string): string {
    const inlined = this.#inlined.get(name);
    return inlined === undefined ? modelRelation(this.#project.models.get(name)!) : `(\n${inlined}\n)`;
  }

  #source(name: string): string {
    const { schema, table, emptyColumns } = this.#project.sources.get(name)!;
    if (emptyColumns === null || !this.absent.has(name)) return relationName(schema, table);
    const columns = emptyColumns.map((column) => `CAST(NULL AS ${column.type}) AS ${sqlName(column.name)}`);
    return `(SELECT ${columns.join(', ')} WHERE false)`;
  }
}
