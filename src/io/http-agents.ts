import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import type { Agent, Dispatcher } from 'undici';
import { FORBIDDEN_ADDRESS, isPrivateAddress } from './private-address.js';

/** Limits of the connections. */
export type AgentOptions = {
  readonly connectTimeoutMs: number;
  /** Connections for each origin. */
  readonly connections: number;
};

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Looks a host name up, as `dns.lookup` with `all: true` does. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Keep-alive connection pools: a plain one, and one that refuses host names that lead to private addresses. The HTTP client
 * is loaded with the first request: that takes 80 ms of CPU, which workers on local files need not spend.
 */
export class HttpAgents {
  readonly #options: AgentOptions;
  readonly #lookup: LookupAll;
  #open: Promise<Agent> | null = null;
  #guarded: Promise<Agent> | null = null;

  constructor(options: AgentOptions, lookup: LookupAll = lookUp) {
    this.#options = options;
    this.#lookup = lookup;
  }

  /** The pool for requests that a remote document caused (`guarded`) or the user did. */
  dispatcher(guarded: boolean): Promise<Dispatcher> {
    if (guarded) return (this.#guarded ??= this.#create(true));
    return (this.#open ??= this.#create(false));
  }

  /** Drops every connection; requests under way fail. */
  async close(): Promise<void> {
    const agents = await Promise.all([this.#open, this.#guarded]);
    await Promise.all(agents.map((agent) => agent?.destroy()));
  }

  async #create(guarded: boolean): Promise<Agent> {
    const { Agent } = await import('undici');
    const { connectTimeoutMs, connections } = this.#options;
    const lookup = (hostname: string, options: LookupOptions, done: LookupCallback) =>
      lookUpPublic(this.#lookup, hostname, options, done);
    return new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: 10_000,
      connect: { timeout: connectTimeoutMs, ...(guarded ? { lookup } : {}) },
    });
  }
}

/** The check sits at the connection itself, so that a name cannot change its address between check and use. */
function lookUpPublic(lookup: LookupAll, hostname: string, options: LookupOptions, done: LookupCallback): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    if (addresses.some(({ address }) => isPrivateAddress(address))) {
      return done(Object.assign(new Error('private address'), { code: FORBIDDEN_ADDRESS }), []);
    }
    if (options.all === true) return done(null, addresses);
    const first = addresses[0];
    if (first === undefined) return done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
    done(null, first.address, first.family);
  });
}
