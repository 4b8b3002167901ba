// Tokens of a real issuer on the loopback
export { TestIssuer } from './test-issuer.js';
export type { TestIssuerOptions } from './test-issuer.js';

// Time
export { ManualClock } from './manual-clock.js';

// Audit
export { RecordingAuditSink } from './recording-audit-sink.js';

// Contracts for storages and sinks of your own
export { auditSinkContract } from './audit-sink-contract.js';
export { rateLimitStorageContract } from './rate-limit-storage-contract.js';
export type { MovableClock, RateLimitStorageContractOptions } from './rate-limit-storage-contract.js';
export type { ContractCase } from './contract-case.js';
