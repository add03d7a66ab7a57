import { isCubeError } from '../../errors.js';
import type { SignHook } from '../../io/url-signer.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { ApiClient } from '../../stac/api-client.js';
import { parseInstant } from '../../stac/interval.js';
import { isObject } from '../../stac/json.js';

/** How signatures are asked for. */
export type ProviderSignerOptions = {
  /** Service that gives tokens of containers; the Planetary Computer's by default. */
  readonly tokens?: string;
  readonly retries?: RetryOptions;
};

const PLANETARY_TOKENS = 'https://planetarycomputer.microsoft.com/api/sas/v1/token';
const AZURE_BLOB = /^([a-z0-9]+)\.blob\.core\.windows\.net$/i;

/**
 * A sign hook for items of all providers: URLs of Azure containers that the Planetary Computer publishes get its token when they are
 * read, all others stay as they are. Nothing is stored; a token is used for its container until it is old.
 */
export function providerSigner({ tokens = PLANETARY_TOKENS, retries = {} }: ProviderSignerOptions = {}): SignHook {
  const unknown = new Set<string>();
  return async (url) => {
    const { hostname, pathname, search } = new URL(url);
    const account = AZURE_BLOB.exec(hostname)?.[1];
    const container = pathname.split('/')[1] ?? '';
    const key = `${account ?? ''}/${container}`;
    if (account === undefined || container === '' || /[?&]sig=/.test(search) || unknown.has(key)) return url;
    const token = await askToken(`${tokens}/${account}/${encodeURIComponent(container)}`, retries);
    if (token === null) {
      unknown.add(key);
      return url;
    }
    const signed = `${url}${search === '' ? '?' : '&'}${token.query}`;
    return { url: signed, expiresAt: token.expiresAt, scope: 'container' };
  };
}

/** Null: the service does not know the container, so that it may be open to all. */
async function askToken(
  url: string,
  retries: RetryOptions,
): Promise<{ readonly query: string; readonly expiresAt: number } | null> {
  const client = new ApiClient(url, { retries });
  try {
    const { json } = await client.send({ method: 'GET', url, headers: {}, body: null });
    if (!isObject(json)) return null;
    const { token, 'msft:expiry': expiry } = json;
    const expiresAt = typeof expiry === 'string' ? parseInstant(expiry) : null;
    return typeof token === 'string' && token !== '' && expiresAt !== null ? { query: token, expiresAt } : null;
  } catch (error) {
    if (isCubeError(error, 'not-found') || isCubeError(error, 'bad-response')) return null;
    throw error;
  } finally {
    await client.close();
  }
}
