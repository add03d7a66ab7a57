/** How long the value of a node is kept for later runs. */
export type CachePolicy =
  /** It is made anew in every run. */
  | 'never'
  /** It is kept for as long as the code and the content of the inputs are the same. */
  | 'content'
  /** The same, and no longer than this: for what others change, such as a catalogue's latest release. */
  | { readonly ttlSeconds: number };

/** A question to every new value of a node. Values out of the cache have been asked. */
export type FlowCheck<T> = {
  readonly name: string;
  /** What is wrong with the value, or null. */
  readonly fault: (value: T) => string | null | Promise<string | null>;
  /** A failed `warn` is told in the report; a failed `error`, the default, fails the node. */
  readonly severity?: 'error' | 'warn';
};

/** A file that a value names. In hashes its content counts, not where it lies. */
export type FlowFile = {
  /** A kept file's bytes are beside the cached values; a source file is somebody's, where it was found. */
  readonly kind: 'kept-file' | 'source-file';
  readonly name: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Absolute; the bytes of a kept file must not be changed. */
  readonly path: string;
};

/** What the function of a node gets besides its inputs. */
export type NodeContext = {
  /** Of the element of a map; null elsewhere. */
  readonly key: string | null;
  /** Fires when the caller aborts, and when another node has failed for good. */
  readonly signal: AbortSignal;
  /** Move a file that this node has written to the kept ones, and name it in the value. */
  readonly keepFile: (path: string) => Promise<FlowFile>;
  /** Called when the run ends, well or badly, the last one first: for what was opened. */
  readonly onEnd: (cleanup: () => void | Promise<void>) => void;
};

/** One element of a map as a collecting node gets it: in order, those that failed too where the run goes on without them. */
export type Collected<T> =
  | { readonly key: string; readonly ok: true; readonly value: T }
  | { readonly key: string; readonly ok: false; readonly error: unknown };

/** What a node is made with, besides its function. */
export type NodeOptions<T> = {
  readonly description?: string;
  /** For selections and pictures, such as `{ layer: 'raw' }`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Default `never`. */
  readonly cache?: CachePolicy;
  /** Part of the cache key: raised where code changes that the key does not see, such as another package's. */
  readonly version?: string | number;
  readonly checks?: readonly FlowCheck<T>[];
};

/** A node without its types, as the runner sees it; made by `inputNode`, `node`, `mapNode` and `collectNode`. */
export type FlowNode = {
  readonly kind: 'input' | 'value' | 'map' | 'collect';
  readonly name: string;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly cache: CachePolicy;
  /** Text of the functions and the version: half of the cache key. */
  readonly code: string;
  readonly inputs: Readonly<Record<string, FlowNode>>;
  /** What a map goes over, or a collecting node collects. */
  readonly over: FlowNode | null;
  /** Of an element of a map over a list; null where the elements of another map have their keys already. */
  readonly keyOf: ((item: unknown) => string) | null;
  /** Elements of a map that run at once; Infinity for as many as the run allows. */
  readonly concurrency: number;
  /** Of an input that may be left out. */
  readonly fallback: { readonly value: unknown } | null;
  readonly checks: readonly FlowCheck<unknown>[];
  readonly run: (item: unknown, inputs: Readonly<Record<string, unknown>>, context: NodeContext) => unknown;
};

/** A node with one value of type T. */
export type ValueNode<T> = FlowNode & { readonly kind: 'input' | 'value' | 'collect'; readonly valueType?: T };

/** A node with a value of type T for every element. */
export type MapNode<T> = FlowNode & { readonly kind: 'map'; readonly elementType?: T };

/** Inputs by the names that the function knows them by. */
export type NodeInputs = Readonly<Record<string, ValueNode<unknown>>>;

/** Their values. */
export type ValuesOf<I extends NodeInputs> = {
  readonly [K in keyof I]: I[K] extends ValueNode<infer T> ? T : never;
};
