import { CubeError } from '../errors.js';
import { FORBIDDEN_ADDRESS } from './private-address.js';
import { attemptError } from './retry-hint.js';
import { codeOf } from './system-error.js';

/** Failures that another attempt may not meet again. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was reset',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the body stopped coming',
  UND_ERR_SOCKET: 'the connection closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is shorter than its Content-Length',
};

/** A transport's error as a problem (`network`, `forbidden`, `aborted`), with advice about another attempt. */
export function transportError(url: string, error: unknown): CubeError {
  if (error instanceof CubeError) return error;
  const code = codeOf(error) ?? codeOf(firstOf(error)) ?? (error instanceof Error ? error.name : 'unknown');
  if (code === FORBIDDEN_ADDRESS) {
    const what = 'its host name leads to a private address, which a remote catalogue or redirect may not name';
    return attemptError({ kind: 'forbidden', url, what }, {}, error);
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new CubeError({ kind: 'aborted', what: 'the sources were closed' }, { cause: error });
  }
  const words = WORDS[code];
  const what = words === undefined ? code : `${words} (${code})`;
  const again = PASSING.has(code) || code.startsWith('HPE_');
  return attemptError(
    { kind: 'network', url, what, attempts: 1 },
    { again, load: TIMEOUTS.has(code) ? 'busy' : null },
    error,
  );
}

/** Node tries several addresses of a host and then throws one AggregateError. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : undefined;
}
