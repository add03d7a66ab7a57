import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

export type HttpsHost = {
  /** `https://HOST:PORT/` */
  readonly url: string;
  /** With which a child process finds the host on this machine, and believes its certificate. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

/** A local HTTP server under the name of a host on the net, behind TLS. Null: there is no openssl to make a certificate with. */
export async function startHttpsHost(folder: string, host: string, localUrl: string): Promise<HttpsHost | null> {
  const own = mkdtempSync(join(folder, 'tls-'));
  const [key, cert] = [join(own, 'key.pem'), join(own, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test'];
  const made = spawnSync(
    'openssl',
    request.concat('-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', cert),
  );
  if (made.status !== 0) return null;
  const port = Number(new URL(localUrl).port);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const inner = connect(port, '127.0.0.1');
    socket.pipe(inner).pipe(socket);
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://${host}:${(server.address() as AddressInfo).port}/`;
  const env = { NODE_EXTRA_CA_CERTS: cert, NODE_OPTIONS: `--import ${lookupOf(host)}` };
  return { url, env, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** A module that makes the host a name of this machine, in threads too. */
function lookupOf(host: string): string {
  const code = `
    import dns from 'node:dns';
    import { syncBuiltinESMExports } from 'node:module';
    const { lookup } = dns;
    dns.lookup = (name, ...rest) => lookup(name === ${JSON.stringify(host)} ? '127.0.0.1' : name, ...rest);
    syncBuiltinESMExports();`;
  return `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
}
