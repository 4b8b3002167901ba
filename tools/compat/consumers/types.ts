// What a user's compiler sees: names of each entry, and a mistake that it must find, or `any` would have passed it all.
import {
  AuthServicesModule,
  RateLimiter,
  type AuditEvent,
  type Caller,
  type RateLimitDecision,
} from 'nestjs-auth-services';
import { JwtAuthModule, type JwtUser } from 'nestjs-auth-services/jwt';
import { registerAuthMetrics } from 'nestjs-auth-services/prometheus';
import { AuthMetricProducer } from 'nestjs-auth-services/otel';
import { AuthServicesHealthIndicator } from 'nestjs-auth-services/terminus';
import { ManualClock, RecordingAuditSink, TestIssuer, type ContractCase } from 'nestjs-auth-services/testing';

export const limiter: RateLimiter = new RateLimiter({ maxRequests: 1 });
export const module = AuthServicesModule.forRoot({ rateLimit: { default: { maxRequests: 10 } } });
export const jwt = JwtAuthModule.forRoot({ issuers: [{ issuer: 'https://login.example.com/', audience: 'api' }] });
export const used: [RateLimitDecision?, JwtUser?, ContractCase?, AuditEvent?, Caller?] = [];
export const values = [
  registerAuthMetrics,
  AuthMetricProducer,
  AuthServicesHealthIndicator,
  ManualClock,
  RecordingAuditSink,
];
export const token: Promise<string> = TestIssuer.start().then((issuer) => issuer.human('cognito'));

// @ts-expect-error a string is no number
new RateLimiter({ maxRequests: '1' });
// @ts-expect-error a misspelt option
AuthServicesModule.forRoot({ rateLimits: {} });
// @ts-expect-error an issuer without an audience is a mistake; null says it is meant
JwtAuthModule.forRoot({ issuers: [{ issuer: 'https://login.example.com/' }] });
