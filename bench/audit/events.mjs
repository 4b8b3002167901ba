/** So many different clients, in turns. */
const BROWSERS = 61;

/** An audit event as a busy API writes it, about 500 bytes of JSON. */
export function eventAt(index) {
  const kind = index % 7;
  const isMachine = index % 11 === 0;
  return {
    timestamp: new Date(1_764_000_000_000 + index).toISOString(),
    eventType: kind === 0 ? 'auth_failure' : kind === 1 ? 'access_denied' : 'request_success',
    outcome: kind === 0 ? 'failure' : kind === 1 ? 'denied' : 'success',
    reason: kind === 0 ? 'expired_token' : kind === 1 ? 'missing_scope' : undefined,
    userId: kind === 0 || isMachine ? undefined : `user-${index % 5000}`,
    clientId: isMachine ? `svc-${index % 40}` : null,
    isM2M: isMachine,
    method: kind === 3 ? 'POST' : 'GET',
    path: `/api/v1/orders/${index % 100_000}/items`,
    route: '/api/v1/orders/:id/items',
    statusCode: kind === 0 ? 401 : kind === 1 ? 403 : 200,
    ipAddress: `10.${index % 200}.${(index >> 3) % 250}.${index % 250}`,
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (index % BROWSERS)}.0.0.0 Safari/537.36`,
    requestId: `0198f1c2-7a1b-7cc3-9c1e-${index.toString(16).padStart(12, '0')}`,
    durationMs: (index % 97) + 0.25,
    metadata: { scope: 'orders:read', tenant: `t-${index % 13}` },
  };
}
