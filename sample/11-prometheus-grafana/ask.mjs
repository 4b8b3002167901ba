// What CI asks of this sample: whether its traffic can be scraped, in the formats that Prometheus takes. That every query of
// the dashboard is answered from it, by a real Prometheus, is asked in test/e2e/dashboard.spec.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export async function ask(url) {
  const config = readFileSync(new URL('prometheus.yml', import.meta.url), 'utf8');
  const token = /credentials: ([\w-]+)/.exec(config)[1];
  const scrape = (accept, bearer = token) =>
    fetch(`${url}/metrics`, { headers: { accept, authorization: `Bearer ${bearer}` } });
  assert.equal((await scrape('text/plain', 'somebody-else')).status, 401);

  const counts = async () => {
    const page = await (await scrape('text/plain')).text();
    return (series) =>
      Number(
        page
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')
          .at(-1) ?? 0,
      );
  };
  const seen = [
    'auth_token_validations_total{result="success"}',
    'auth_token_validation_errors_total{error_type="expired_token"}',
    'auth_rate_limit_decisions_total{decision="allowed",policy="report"}',
    'auth_rate_limit_decisions_total{decision="shadow_denied",policy="trial"}',
    'auth_requests_by_caller_total{kind="m2m"}',
    'auth_audit_events_total{outcome="written"}',
    // The log store is away from the first second on, and its queue is full a few seconds later.
    'auth_audit_events_total{outcome="dropped"}',
  ];
  let count = await counts();
  for (
    const end = Date.now() + 20_000;
    !seen.every((series) => count(series) > 0) && Date.now() < end;
    await sleep(250)
  ) {
    count = await counts();
  }
  assert.deepEqual(
    seen.filter((series) => count(series) === 0),
    [],
  );

  const openMetrics = await scrape('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
  assert.match(openMetrics.headers.get('content-type'), /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(await openMetrics.text(), /\n# EOF\n$/);
  return 'traffic with its incidents, as text and as OpenMetrics';
}
