import { rawOf } from './http-message.js';
import { findRecord } from './record.js';

/**
 * Notes on an HTTP request's record which handler it was meant for, before the first guard is asked: what a guard
 * refuses never reaches an interceptor, and is what an audit trail most wants the name of.
 */
export function noteRouted(request: unknown, controller: Function, handler: Function): void {
  if (typeof request !== 'object' || request === null) return;
  const record = findRecord(rawOf(request));
  if (record === undefined) return;
  record.controller = controller;
  record.handler = handler;
}
