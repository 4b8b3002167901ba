// A health indicator for @nestjs/terminus
export { AuthServicesHealthIndicator } from './auth-services-health.service.js';
export type { AuthHealthReport, HealthState } from './assess.js';
export type { AuthHealthThresholds } from './thresholds.js';
