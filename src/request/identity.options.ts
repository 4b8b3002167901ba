import { callable, number, shape } from '../options/check.js';
import type { IdentityOptions } from './caller.js';

export const DEFAULT_IPV6_PREFIX_LENGTH = 64;

export const checkIdentityOptions = shape<IdentityOptions>({
  getPrincipal: callable,
  getClaims: callable,
  getUserId: callable,
  getClientId: callable,
  getKind: callable,
  getIp: callable,
  ipv6PrefixLength: number({ integer: true, min: 1, max: 128 }),
});
