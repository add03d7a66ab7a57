/** How a model comes into the lake. `ephemeral` does not: whoever reads it has it as a subquery. */
export const MATERIALIZATIONS = ['view', 'table', 'incremental', 'ephemeral'] as const;

/** One of `MATERIALIZATIONS`. */
export type Materialization = (typeof MATERIALIZATIONS)[number];

/** What a value of a variable, or an argument of a test, may be. */
export type ModelValue =
  | null
  | boolean
  | number
  | string
  | readonly ModelValue[]
  | { readonly [key: string]: ModelValue };

/** What decides how a model is written: of dbt_project.yml, its properties and its own `config()`, the last word being the last's. */
export type ModelConfig = {
  readonly materialized: Materialization;
  readonly schema: string;
  /** Name of the table or view. */
  readonly alias: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  /** Columns that tell the rows of an incremental model apart; without any its new rows are added. */
  readonly uniqueKey: readonly string[];
  /** Templates of statements that run in the model's transaction, before and after its rows are written. */
  readonly preHooks: readonly string[];
  readonly postHooks: readonly string[];
};

/** A column as the properties describe it. */
export type ModelColumn = { readonly name: string; readonly description: string };

/** One SQL file. */
export type Model = {
  readonly name: string;
  /** Of the file, relative to the project, with forward slashes. */
  readonly path: string;
  /** The template. */
  readonly text: string;
  readonly description: string;
  readonly columns: readonly ModelColumn[];
  readonly config: ModelConfig;
  /** Names of the models that it reads, sorted. */
  readonly refs: readonly string[];
  /** Names of the sources that it reads, as `SCHEMA.TABLE` of the project's own names, sorted. */
  readonly sources: readonly string[];
};

/** A table that somebody else writes. */
export type ModelSource = {
  /** `GROUP.TABLE`, as `source('GROUP', 'TABLE')` names it. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly description: string;
  readonly columns: readonly ModelColumn[];
  /** Models that read it are left out where the lake does not have it; else that is an error. */
  readonly optional: boolean;
  /** It reads as a table of these columns without rows where the lake does not have it; null: it does not. */
  readonly emptyColumns: readonly { readonly name: string; readonly type: string }[] | null;
};

/** A question whose answer should have no rows. */
export type ModelTest = {
  /** Such as `pv_sites.site_uid: unique`, or the name of a file. */
  readonly name: string;
  /** The file that asks for it. */
  readonly path: string;
  readonly question:
    /** A macro `test_NAME`, or one of dbt's four, about a model or source. */
    | {
        readonly kind: 'generic';
        readonly macro: string;
        readonly on: { readonly kind: 'model' | 'source'; readonly name: string };
        readonly column: string | null;
        readonly parameters: { readonly [name: string]: ModelValue };
        /** SQL condition of the rows that are looked at, or null for all. */
        readonly where: string | null;
      }
    /** A SQL file of its own. */
    | { readonly kind: 'singular'; readonly text: string };
  /** Failing rows of a `warn` are told and fail nothing. */
  readonly severity: 'error' | 'warn';
  readonly tags: readonly string[];
  /** Names of models and sources that it reads, sorted. */
  readonly refs: readonly string[];
  readonly sources: readonly string[];
};

/** A file of macros. */
export type MacroFile = { readonly path: string; readonly text: string };

/** A dbt project as far as it is run here, all references checked. */
export type ModelProject = {
  readonly name: string;
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly vars: { readonly [name: string]: ModelValue };
  readonly macros: readonly MacroFile[];
  /** Enabled ones, by name; each comes behind those that it reads. */
  readonly models: ReadonlyMap<string, Model>;
  readonly sources: ReadonlyMap<string, ModelSource>;
  readonly tests: readonly ModelTest[];
};
