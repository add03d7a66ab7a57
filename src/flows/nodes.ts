import type {
  FlowCheck,
  Collected,
  FlowNode,
  MapNode,
  NodeContext,
  NodeInputs,
  NodeOptions,
  ValueNode,
  ValuesOf,
} from './node-types.js';

type Made<T> = T | Promise<T>;

/** A value that the caller of a run gives; with a `fallback` it may be left out. */
export function inputNode<T>(
  name: string,
  options: {
    readonly description?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly fallback?: T;
  } = {},
): ValueNode<T> {
  return {
    ...common(name, options, []),
    kind: 'input',
    fallback: 'fallback' in options ? { value: options.fallback } : null,
    run: () => undefined,
  };
}

/** One value, made of the values of its inputs. */
export function node<T, I extends NodeInputs = Readonly<Record<never, never>>>(
  name: string,
  options: NodeOptions<T> & {
    readonly inputs?: I;
    readonly run: (inputs: ValuesOf<I>, context: NodeContext) => Made<T>;
  },
): ValueNode<T> {
  const { run } = options;
  return {
    ...common(name, options, [run]),
    kind: 'value',
    run: (_item, inputs, context) => run(inputs as ValuesOf<I>, context),
  };
}

/** What an element-wise function is made with. */
type MapOptions<Item, T, I extends NodeInputs> = NodeOptions<T> & {
  readonly inputs?: I;
  /** Elements that run at once; default: as many as the run allows. */
  readonly concurrency?: number;
  readonly run: (item: Item, inputs: ValuesOf<I>, context: NodeContext) => Made<T>;
};

/**
 * A value for every element of a list, or of another map; elements of two maps in a row go on one by one, so that the first may be done
 * before the last has begun. Over a list, `key` names an element: keys are unique, and the order is the list's.
 */
export function mapNode<Item, T, I extends NodeInputs = Readonly<Record<never, never>>>(
  name: string,
  options: MapOptions<Item, T, I> &
    (
      | { readonly over: ValueNode<readonly Item[]>; readonly key: (item: Item) => string }
      | { readonly over: MapNode<Item>; readonly key?: never }
    ),
): MapNode<T> {
  const { run, over, key } = options;
  return {
    ...common(name, options, key === undefined ? [run] : [run, key]),
    kind: 'map',
    over,
    keyOf: key === undefined ? null : (item) => key(item as Item),
    concurrency: options.concurrency ?? Infinity,
    run: (item, inputs, context) => run(item as Item, inputs as ValuesOf<I>, context),
  };
}

/** One value of all elements of a map, which come in order. */
export function collectNode<Item, T, I extends NodeInputs = Readonly<Record<never, never>>>(
  name: string,
  options: NodeOptions<T> & {
    readonly from: MapNode<Item>;
    readonly inputs?: I;
    readonly run: (elements: readonly Collected<Item>[], inputs: ValuesOf<I>, context: NodeContext) => Made<T>;
  },
): ValueNode<T> {
  const { run, from } = options;
  return {
    ...common(name, options, [run]),
    kind: 'collect',
    over: from,
    run: (item, inputs, context) => run(item as readonly Collected<Item>[], inputs as ValuesOf<I>, context),
  };
}

type Common = Omit<FlowNode, 'kind' | 'run'>;

function common<T>(
  name: string,
  options: NodeOptions<T> & { readonly inputs?: NodeInputs },
  functions: readonly ((...values: never[]) => unknown)[],
): Common {
  const { description, tags, cache, version, checks = [], inputs = {} } = options;
  const texts = functions.map(String);
  const asked = checks.map(({ name: check, fault, severity }) => [check, severity ?? 'error', String(fault)]);
  return {
    name,
    description: description ?? null,
    tags: tags ?? {},
    cache: cache ?? 'never',
    code: JSON.stringify([version ?? null, texts, asked]),
    inputs,
    over: null,
    keyOf: null,
    concurrency: Infinity,
    fallback: null,
    checks: checks.map(erased),
  };
}

function erased<T>({ name, fault, severity }: FlowCheck<T>): FlowCheck<unknown> {
  return { name, fault: (value) => fault(value as T), ...(severity === undefined ? {} : { severity }) };
}
