/**
 * Everything that can go wrong, as data. One class carries it, so that a caller can narrow by `kind`, print it, store it
 * in the lake's `failures` table or send it across a thread.
 */
export type Problem =
  /** The object does not exist (404, ENOENT). Sparse chunks turn this into a value; elsewhere it is an error. */
  | { readonly kind: 'not-found'; readonly url: string; readonly what?: string; readonly fix?: string }
  /** The origin refused us (401, 403). */
  | { readonly kind: 'denied'; readonly url: string; readonly status: number; readonly fix?: string }
  /** The network or the server failed for good after retries. */
  | { readonly kind: 'network'; readonly url: string; readonly what: string; readonly attempts: number }
  /** The server answered something that HTTP or our request does not allow: ignored Range, short body, wrong Content-Range. */
  | { readonly kind: 'bad-response'; readonly url: string; readonly what: string }
  /** The object is not the one that was planned with. */
  | {
      readonly kind: 'changed';
      readonly url: string;
      readonly expected: string;
      readonly found: string;
      readonly fix?: string;
    }
  /** A local file could not be read or written (permissions, full disk). */
  | { readonly kind: 'io'; readonly path: string; readonly code: string; readonly what: string }
  /** A policy of ours forbids the access: a remote catalogue that names local files, a path outside its archive. */
  | { readonly kind: 'forbidden'; readonly url: string; readonly what: string }
  /** Bytes or JSON that break their format. */
  | { readonly kind: 'invalid-data'; readonly url: string; readonly what: string; readonly offset?: number }
  /** Legal input that we do not read or do. Names the feature. */
  | { readonly kind: 'unsupported'; readonly feature: string; readonly url?: string; readonly fix?: string }
  /** A build specification that is wrong; `path` is the key, such as `grid.resolution`. */
  | { readonly kind: 'invalid-spec'; readonly path: string; readonly what: string; readonly fix?: string }
  /** A wrong argument of a function or a command. */
  | { readonly kind: 'invalid-argument'; readonly what: string; readonly fix?: string }
  /** The request is sound and matches nothing: no items, no labels, empty time range. */
  | { readonly kind: 'no-data'; readonly what: string; readonly fix?: string }
  /** Sources that contradict each other in a way that no rule decides (dtype or nodata of two assets of one band), or commits. */
  | {
      readonly kind: 'conflict';
      readonly what: string;
      readonly fix?: string;
      /** Of two commits of one store: what both changed. */
      readonly changes?: readonly ConflictingChange[];
    }
  /** The output is there already, or belongs to another plan. */
  | { readonly kind: 'exists'; readonly path: string; readonly what: string; readonly fix: string }
  /** Some chunks failed for good. */
  | { readonly kind: 'incomplete'; readonly what: string; readonly failed: number; readonly fix?: string }
  /** A worker thread died while it ran a task. */
  | { readonly kind: 'worker'; readonly what: string }
  /** The memory budget cannot hold the smallest unit of work. */
  | {
      readonly kind: 'budget';
      readonly what: string;
      readonly needed: number;
      readonly limit: number;
      readonly fix: string;
    }
  /** DuckDB or DuckLake failed. */
  | { readonly kind: 'lake'; readonly what: string; readonly fix?: string }
  /** A part of the installation is missing: the addon, an extension, Python. */
  | { readonly kind: 'missing-component'; readonly component: string; readonly what: string; readonly fix: string }
  /** The caller's AbortSignal fired. */
  | { readonly kind: 'aborted'; readonly what: string };

/** What two commits did to one node of a store, of which only one can stand. */
export type ConflictingChange = {
  /** Absolute in the hierarchy; empty where it is the hierarchy itself. */
  readonly path: string;
  /** In words: who did what. */
  readonly change: string;
  /** Positions in the chunk grid, the first hundred of `count`. */
  readonly chunks: readonly (readonly number[])[];
  readonly count: number;
};

/** Name of a kind of problem, the first word of its message. */
export type ProblemKind = Problem['kind'];

/** The one error class. Any other error that reaches a user is a bug of ours. */
export class CubeError<P extends Problem = Problem> extends Error {
  override readonly name = 'CubeError';
  readonly problem: P;

  constructor(problem: P, options?: { cause?: unknown }) {
    super(formatProblem(problem), options);
    this.problem = withoutSecrets(problem);
  }
}

/** Narrow an unknown error to a `CubeError`, and to one kind of problem when `kind` is given. */
export function isCubeError<K extends ProblemKind>(
  error: unknown,
  kind?: K,
): error is CubeError<Extract<Problem, { kind: K }>> {
  return error instanceof CubeError && (kind === undefined || error.problem.kind === kind);
}

/** One line for people: what was expected, what was found, where, and the fix. URLs lose query and user info. */
export function formatProblem(problem: Problem): string {
  const fix = 'fix' in problem && problem.fix !== undefined ? ` (${problem.fix})` : '';
  return `${problem.kind}: ${describe(problem)}${fix}`;
}

/** The problem as plain data, for `failures` rows, `--json` and `postMessage`. Unknown errors become `worker` problems. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CubeError) return error.problem;
  if (error instanceof Error && error.name === 'AbortError') return { kind: 'aborted', what: error.message };
  return { kind: 'worker', what: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** The same kind of problem, so that exit codes stay, with the place where it was met in its words. */
export function problemAt(problem: Problem, where: string): Problem {
  if (problem.kind === 'not-found') return { ...problem, what: where };
  if (problem.kind === 'unsupported') return { ...problem, feature: `${problem.feature} (${where})` };
  if (problem.kind === 'changed') return { ...problem, found: `${problem.found} (${where})` };
  if (!('what' in problem)) return problem;
  return { ...problem, what: `${problem.what} (${where})` };
}

/** Process exit code of a problem: 2 usage, 3 input missing, 4 unsupported, 5 bad data, 6 network, 7 incomplete, 8 output, 130 abort. */
export function exitCodeOf(problem: Problem): number {
  switch (problem.kind) {
    case 'invalid-spec':
    case 'invalid-argument':
      return 2;
    case 'not-found':
    case 'no-data':
    case 'missing-component':
      return 3;
    case 'unsupported':
      return 4;
    case 'invalid-data':
    case 'conflict':
    case 'changed':
    case 'forbidden':
      return 5;
    case 'network':
    case 'bad-response':
    case 'denied':
      return 6;
    case 'incomplete':
      return 7;
    case 'io':
    case 'exists':
    case 'lake':
    case 'budget':
      return 8;
    case 'worker':
      return 70;
    case 'aborted':
      return 130;
  }
}

/** A URL that may be printed and stored: no query, no fragment, no user info. Paths and other text pass unchanged. */
export function redactUrl(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url.replace(/[?#].*$/, '');
  const end = url.search(/[?#]/);
  const bare = end < 0 ? url : url.slice(0, end);
  // Up to the last @: a password may hold one that is not escaped.
  return bare.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

/** Problems are stored and posted, so their `url` loses its secrets here, whoever made them. */
function withoutSecrets<P extends Problem>(problem: P): P {
  if (!('url' in problem) || problem.url === undefined || !problem.url.includes('://')) return problem;
  const url = redactUrl(problem.url);
  return url === problem.url ? problem : { ...problem, url };
}

function describe(problem: Problem): string {
  switch (problem.kind) {
    case 'not-found':
      return `${redactUrl(problem.url)} does not exist${problem.what === undefined ? '' : `: ${problem.what}`}`;
    case 'denied':
      return `${redactUrl(problem.url)} answered ${problem.status}`;
    case 'network':
      return `${redactUrl(problem.url)}: ${problem.what} after ${problem.attempts} attempt${problem.attempts === 1 ? '' : 's'}`;
    case 'bad-response':
      return `${redactUrl(problem.url)}: ${problem.what}`;
    case 'changed':
      return `${redactUrl(problem.url)} changed: expected ${problem.expected}, found ${problem.found}`;
    case 'io':
      return `${problem.path}: ${problem.what} [${problem.code}]`;
    case 'forbidden':
      return `${redactUrl(problem.url)}: ${problem.what}`;
    case 'invalid-data':
      return `${redactUrl(problem.url)}${problem.offset === undefined ? '' : ` at byte ${problem.offset}`}: ${problem.what}`;
    case 'unsupported':
      return problem.url === undefined ? problem.feature : `${redactUrl(problem.url)}: ${problem.feature}`;
    case 'invalid-spec':
      return `${problem.path}: ${problem.what}`;
    case 'invalid-argument':
    case 'no-data':
    case 'conflict':
    case 'worker':
    case 'lake':
    case 'aborted':
      return problem.what;
    case 'exists':
      return `${problem.path}: ${problem.what}`;
    case 'incomplete':
      return `${problem.what}: ${problem.failed} failed`;
    case 'budget':
      return `${problem.what}: ${mebibytes(problem.needed, Math.ceil)} needed, the limit is ${mebibytes(problem.limit, Math.floor)}`;
    case 'missing-component':
      return `${problem.component}: ${problem.what}`;
  }
}

/** Rounded to a tenth, so that a limit of what is said to be needed is enough. */
function mebibytes(bytes: number, round: (value: number) => number): string {
  return bytes < 2 ** 20 ? `${bytes} bytes` : `${round((bytes * 10) / 2 ** 20) / 10} MiB`;
}
