import type { RequestRecord } from './record.js';
import { httpStatusOf } from './transports/grpc.js';

/** The status of a call that has no response: what a guard of ours refused with, or what was thrown asks for. */
export function statusOfCall(record: Pick<RequestRecord, 'refusal' | 'exception' | 'thrown'>): number | undefined {
  return record.refusal?.statusCode ?? (record.thrown ? statusThrown(record.exception) : undefined);
}

/**
 * An HttpException says its status; a WsException or RpcException may hold one as `statusCode`, `status` or `code`, or a
 * gRPC code. Known by their methods: there may be two copies of Nest. Anything else is not guessed.
 */
function statusThrown(thrown: unknown): number | undefined {
  try {
    const { getStatus, getError } = (thrown ?? {}) as { getStatus?: unknown; getError?: unknown };
    if (typeof getStatus === 'function') return httpStatus(getStatus.call(thrown));
    if (typeof getError !== 'function') return undefined;
    const { statusCode, status, code } = Object(getError.call(thrown)) as Record<string, unknown>;
    return httpStatus(statusCode) ?? httpStatus(status) ?? httpStatus(code) ?? httpStatusOf(code);
  } catch {
    return undefined;
  }
}

function httpStatus(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 400 && value < 600 ? value : undefined;
}
