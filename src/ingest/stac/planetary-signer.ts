import { isCubeError } from '../../errors.js';
import type { Clock } from '../../io/clock.js';
import type { LastingUrl } from '../../io/signed-url.js';
import { unsignedUrl } from '../../io/unsigned-url.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { ApiClient } from '../../stac/api-client.js';
import { parseInstant } from '../../stac/interval.js';
import { isObject } from '../../stac/json.js';

/** The service that gives tokens of containers, and how it is asked. */
export type PlanetaryOptions = {
  readonly tokens: string;
  /** Asks for less restricted use. */
  readonly subscriptionKey: string | null;
  readonly retries: RetryOptions;
  readonly clock: Clock;
};

/** Names of containers: docs of Azure Blob Storage, "Naming and referencing containers". */
const CONTAINER = /^\/[a-z0-9][a-z0-9-]{2,62}\/./;
const AZURE_BLOB = /^([a-z0-9]+)\.blob\.core\.windows\.net$/;

/** It answers 404 when it has too much to do (microsoft/PlanetaryComputer#431), so that a container is unknown after the second. */
const ASK_AGAIN_MS = 1000;

/** The clock of this machine may be ahead: a token that seems to be over is tried so long, not asked for with every read. */
const LEAST_MS = 30_000;

/** Whether the URL is of an Azure container, and has no signature of its own that is good still: items are saved with such. */
export function isUnsignedBlob({ protocol, hostname, pathname, searchParams }: URL, nowMs: number): boolean {
  if (protocol !== 'https:' || !AZURE_BLOB.test(hostname) || !CONTAINER.test(pathname)) return false;
  const expiresAt = parseInstant(searchParams.get('se') ?? '');
  return !searchParams.has('sig') || (expiresAt !== null && expiresAt <= nowMs);
}

/** A blob's URL with its container's token; null where the service does not know the container, so that it may be open to all. */
export async function signBlob(url: URL, options: PlanetaryOptions): Promise<LastingUrl | null> {
  const account = AZURE_BLOB.exec(url.hostname)?.[1] ?? '';
  const container = url.pathname.split('/')[1] ?? '';
  const endpoint = `${options.tokens.replace(/\/+$/, '')}/${account}/${container}`;
  const token = (await askToken(endpoint, options)) ?? (await askAgain(endpoint, options));
  if (token === null) return null;
  const plain = unsignedUrl(url.href);
  const signed = `${plain}${plain.includes('?') ? '&' : '?'}${token.query}`;
  const expiresAt = Math.max(token.expiresAt, options.clock.now() + LEAST_MS);
  return { url: signed, expiresAt, scope: 'container' };
}

async function askAgain(endpoint: string, options: PlanetaryOptions): ReturnType<typeof askToken> {
  await options.clock.wait(ASK_AGAIN_MS);
  return askToken(endpoint, options);
}

async function askToken(
  url: string,
  { subscriptionKey, retries }: PlanetaryOptions,
): Promise<{ readonly query: string; readonly expiresAt: number } | null> {
  const headers = subscriptionKey === null ? {} : { 'ocp-apim-subscription-key': subscriptionKey };
  const client = new ApiClient(url, { headers, retries });
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
