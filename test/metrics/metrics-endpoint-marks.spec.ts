// Under test: that the endpoint's literal metadata means to the other rooms what it is meant to mean.
import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { SKIP_AUDIT_METADATA } from '../../src/audit/audit-rules.js';
import { ALLOW_ANONYMOUS } from '../../src/jwt/allow-anonymous.decorator.js';
import { metricsController } from '../../src/metrics/metrics.controller.js';
import { notesOn } from '../../src/rate-limit/metadata.js';

const controller = metricsController('metrics');
const { read } = controller.prototype as { read: () => void };

it('is limited by no policy, or a limit that is too low could not be seen', () => {
  expect(notesOn(controller, read).skipsAll).toBe(true);
});

it("needs no user's token, and its own is not taken for one", () => {
  expect(Reflect.getMetadata(ALLOW_ANONYMOUS, read)).toBe(true);
  expect(Reflect.getMetadata('auth-services:own-authentication', read)).toBe(true);
});

it('leaves no audit event for each scrape, at whatever path it is', () => {
  expect(Reflect.getMetadata(SKIP_AUDIT_METADATA, read)).toBe(true);
});
