import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';

/** Real key sets have a few kilobytes, with certificate chains some tens. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Why a document could not be had, in words that hold nothing of what was sent. */
export class FetchProblem extends Error {
  override readonly name = 'FetchProblem';

  constructor(
    message: string,
    readonly statusCode?: number,
  ) {
    super(message);
  }
}

/**
 * The JSON document at `url`. Redirects are not followed: where keys come from is the operator's word, not the network's.
 * The connection is not kept, because the next document is minutes away.
 */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const text = await fetchText(url, signal);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FetchProblem('the answer is not JSON');
  }
}

function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(asProblem(error, signal));
    const options = { agent: false, signal, headers: { accept: 'application/json', 'accept-encoding': 'identity' } };
    const get = url.startsWith('https:') ? getHttps : getHttp;
    get(url, options, (response) => {
      response.on('error', fail);
      const status = response.statusCode ?? 0;
      if (status !== 200) {
        response.destroy();
        const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
        fail(new FetchProblem(`it answered ${status}${redirect}`, status));
        return;
      }
      collect(response, resolve, fail);
    }).on('error', fail);
  });
}

function collect(response: IncomingMessage, resolve: (text: string) => void, fail: (error: unknown) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      fail(new FetchProblem(`it answered more than ${MAX_BODY_BYTES} bytes`));
      response.destroy();
      return;
    }
    chunks.push(chunk);
  });
  response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  response.on('close', () => fail(new FetchProblem('the connection was lost')));
}

function asProblem(error: unknown, signal: AbortSignal): FetchProblem {
  if (error instanceof FetchProblem) return error;
  if (signal.aborted) return new FetchProblem('it took too long');
  const code = (error as { code?: unknown } | null)?.code;
  return new FetchProblem(typeof code === 'string' ? `the connection failed (${code})` : 'the connection failed');
}
