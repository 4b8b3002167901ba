import type { ArgumentsHost } from '@nestjs/common';
import { findRecord, openRecord, type RequestRecord } from './record.js';
import { transportOf } from './transports/index.js';

/** The record of the call a guard, interceptor or parameter decorator was asked about; opened here if nobody has. */
export function recordOf(context: ArgumentsHost): RequestRecord {
  const transport = transportOf(context);
  const call = transport.keyOf(context);
  return findRecord(call) ?? openRecord(call, transport.requestOf(context), transport.responseOf?.(context), transport);
}

/** The record of the connection that a call came through, where there is one; opened here if nobody has. */
export function connectionRecordOf(context: ArgumentsHost): RequestRecord | undefined {
  const connection = transportOf(context).connectionOf?.(context);
  if (typeof connection !== 'object' || connection === null) return undefined;
  return findRecord(connection) ?? openRecord(connection, connection, undefined);
}
