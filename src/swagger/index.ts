export { ApiAuthServices } from './api-auth-services.decorator.js';
export type { ApiAuthServicesOptions } from './refusable.js';
