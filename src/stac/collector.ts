import { formatProblem, isCubeError, type CubeError } from '../errors.js';
import { matchesFilter, type ItemFilter } from './filter.js';
import type { Json, StacItem } from './item.js';
import { isObject, type JsonObject } from './json.js';
import { parseItem, type ItemContext } from './parse-item.js';

/** Items that match, each once, in no particular order; and what was odd, in words. */
export type ReadItems = { readonly items: readonly StacItem[]; readonly warnings: readonly string[] };

/** An item and the JSON that it was parsed from. */
export type WholeItem = { readonly item: StacItem; readonly json: JsonObject };

type Oddity = { count: number; readonly first: string };

/**
 * Takes the items of a source one by one and keeps those that match. Of two with one id the one that was updated later
 * stays, so that neither pages nor the order of reads matter.
 */
export class ItemCollector {
  readonly filter: ItemFilter;
  readonly #onProgress: ((items: number) => void) | undefined;
  readonly #items = new Map<string, StacItem>();
  readonly #json: Map<StacItem, JsonObject> | null;
  readonly #collections = new Map<string, JsonObject>();
  readonly #warnings = new Set<string>();
  readonly #oddities = new Map<string, Oddity>();
  #firstError: CubeError | null = null;
  #parsed = 0;

  /** `keepsJson`: for `whole` and `collections`; it takes several times the memory. */
  constructor(filter: ItemFilter, onProgress?: (items: number) => void, keepsJson = false) {
    this.filter = filter;
    this.#onProgress = onProgress;
    this.#json = keepsJson ? new Map() : null;
  }

  /** Whether fields matter that a parsed item lacks. */
  get keepsJson(): boolean {
    return this.#json !== null;
  }

  /** The wanted collections that were met, by id. */
  get collections(): readonly JsonObject[] {
    return [...this.#collections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, collection]) => collection);
  }

  /** Items that were taken so far. */
  get size(): number {
    return this.#items.size;
  }

  /** One of several items; one that is broken is left out with a warning. */
  add(json: Json, url: string, context: ItemContext = {}): void {
    try {
      this.addOnly(json, url, context);
    } catch (error) {
      if (!isCubeError(error, 'invalid-data')) throw error;
      this.#firstError ??= error;
      this.#note(`left out: ${error.problem.what}`, '');
    }
  }

  /** A document that is one item: `invalid-data` where it is broken. */
  addOnly(json: Json, url: string, context: ItemContext = {}): void {
    const item = parseItem(json, url, context);
    this.#parsed++;
    for (const { key, problem } of item.brokenAssets ?? []) {
      this.#note(
        `asset "${key}" cannot be used (${'what' in problem ? problem.what : formatProblem(problem)})`,
        item.id,
      );
    }
    if (!matchesFilter(item, this.filter)) return;
    const key = `${item.collection ?? ''}\n${item.id}`;
    const other = this.#items.get(key);
    if (other === undefined || isLater(item, other)) {
      this.#items.set(key, item);
      if (other !== undefined) this.#json?.delete(other);
      if (isObject(json)) this.#json?.set(item, json);
    }
    this.#onProgress?.(this.#items.size);
  }

  /** A Collection that stands beside items or leads to them; of two with one id the later stays. */
  addCollection(json: JsonObject): void {
    const { id } = json;
    if (typeof id !== 'string' || id === '') this.#note('left out: a collection without id', '');
    else if (this.keepsJson && this.filter.collections?.has(id) !== false) this.#collections.set(id, json);
  }

  warn(text: string): void {
    this.#warnings.add(text);
  }

  /** Throws the first item's problem where every item was broken. */
  result(): ReadItems {
    if (this.#parsed === 0 && this.#firstError !== null) throw this.#firstError;
    const oddities = [...this.#oddities].map(([text, { count, first }]) => {
      const where = first === '' ? '' : count === 1 ? ` in item ${first}` : ` in ${count} items, ${first} among them`;
      return `${text}${where}`;
    });
    return { items: [...this.#items.values()], warnings: [...this.#warnings, ...oddities].sort() };
  }

  /** The items that match with their JSON. Error: that of `result`. */
  whole(): WholeItem[] {
    return this.result().items.flatMap((item) => {
      const json = this.#json?.get(item);
      return json === undefined ? [] : [{ item, json }];
    });
  }

  #note(text: string, item: string): void {
    const known = this.#oddities.get(text);
    if (known === undefined) this.#oddities.set(text, { count: 1, first: item });
    else known.count++;
  }
}

function isLater(item: StacItem, other: StacItem): boolean {
  const updated = ({ properties }: StacItem) =>
    typeof properties['updated'] === 'string' ? properties['updated'] : '';
  return updated(item) !== updated(other) ? updated(item) > updated(other) : item.url < other.url;
}
