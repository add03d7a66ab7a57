import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TokenServer = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly asked: string[];
  readonly headers: IncomingMessage['headers'][];
  close(): Promise<void>;
};

/** What differs from one test to the other. */
export type TokenServerOptions = {
  /** How long a container's token lives. */
  readonly lifetimeMs?: number;
  readonly now?: () => number;
  /** How often a container that is known is answered with 404 first. */
  readonly busy?: number;
  /** Answers wait so long, so that requests meet. */
  readonly delayMs?: number;
};

/**
 * The Planetary Computer's tokens of the container acct/hls (/token/ACCOUNT/CONTAINER), and Earthdata's of the user `me`
 * (/api/users/find_or_create_token), in the shapes of those services. Signatures count up: SECRET1, SECRET2, …
 */
export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const { lifetimeMs = 3_600_000, now = Date.now, busy = 0, delayMs = 0 } = options;
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let known = 0;
  const answer = ({ method, url, headers: sent }: IncomingMessage): { status: number; json: object } => {
    if (url === '/token/acct/hls') {
      if (++known <= busy) return { status: 404, json: { detail: 'Not Found' } };
      const expiry = new Date(now() + lifetimeMs).toISOString().replace(/\.\d+/, '');
      const token = `st=2023&se=${encodeURIComponent(expiry)}&sp=rl&sv=2021-06-08&sr=c&sig=SECRET${known}%3D`;
      return { status: 200, json: { 'msft:expiry': expiry, token } };
    }
    if (url === '/api/users/find_or_create_token' && method === 'POST') {
      if (sent.authorization !== `Basic ${Buffer.from('me:PASSWORD').toString('base64')}`) {
        return { status: 401, json: { error: 'invalid_credentials' } };
      }
      const json = { access_token: `SECRET${++known}`, token_type: 'Bearer', expiration_date: '09/30/2023' };
      return { status: 200, json };
    }
    return { status: 404, json: { detail: 'Not Found' } };
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    const { status, json } = answer(request);
    setTimeout(() => response.writeHead(status).end(JSON.stringify(json)), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
