import { CubeError, redactUrl } from '../../errors.js';
import { assertAccess } from '../../io/access.js';
import type { HttpHeaders } from '../../io/http-request.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { ApiClient, type ApiAnswer } from '../../stac/api-client.js';

/** How a repository is asked. */
export type RepositoryOptions = {
  /** Root of a mirror, or undefined for the repository itself. */
  readonly api?: string;
  /** Sent to the root's own origin only. */
  readonly headers?: HttpHeaders;
  readonly retries?: RetryOptions;
  /** Origins that answers may name although their addresses are private. */
  readonly allowedOrigins?: readonly string[];
  readonly signal?: AbortSignal;
};

/** Root of the API and all hosts of a repository. */
export type RepositoryHosts = { readonly root: string; readonly hosts: readonly string[] };

/** The JSON API of one repository, or of its mirror, which answers for all its hosts. */
export class RepositoryApi {
  /** Ends in a slash. */
  readonly root: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #mirrored: boolean;
  readonly #client: ApiClient;
  readonly #options: RepositoryOptions;

  constructor({ root, hosts }: RepositoryHosts, options: RepositoryOptions) {
    const { api = root, headers = {}, retries = {} } = options;
    if (!/^https?:\/\//i.test(api) || !URL.canParse(api)) {
      const what = `the root of an API must be an http(s) URL, not "${redactUrl(api)}"`;
      throw new CubeError({ kind: 'invalid-argument', what });
    }
    this.root = api.endsWith('/') ? api : `${api}/`;
    this.#hosts = new Set(hosts);
    this.#mirrored = options.api !== undefined;
    this.#client = new ApiClient(this.root, { headers, retries });
    this.#options = options;
  }

  /** Ask for a path below the root, or a whole URL. Problems: those of `ApiClient.send`. */
  async get(target: string): Promise<ApiAnswer> {
    const url = this.locate(new URL(target, this.root).href, this.root);
    const { signal } = this.#options;
    return this.#client.send({ method: 'GET', url, headers: {}, body: null }, signal);
  }

  /**
   * The URL that `href`, named by the document at `from`, is asked for at: the mirror's, where `href` is of the repository itself.
   * Problems: `invalid-data` where it is no URL, `forbidden` where it names a private address or a local file.
   */
  locate(href: string, from: string): string {
    if (!URL.canParse(href, from)) {
      throw new CubeError({ kind: 'invalid-data', url: from, what: 'it names something that is no URL' });
    }
    const url = new URL(href, from);
    if (this.#mirrored && this.#hosts.has(url.host)) {
      return `${this.root}${url.pathname.replace(/^\/+/, '')}${url.search}`;
    }
    const base = new URL(from);
    // Behind proxies some APIs name their own files with http: although they are asked with https:.
    if (base.protocol === 'https:' && url.protocol === 'http:' && base.host === url.host) url.protocol = 'https:';
    assertAccess(url.href, this.root, this.#options.allowedOrigins ?? []);
    return url.href;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
