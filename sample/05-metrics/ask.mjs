// What CI asks of this sample: whether the figures are those of its traffic, who may read them, and what is made of them.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const printed = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const [metricsToken, operator, person] = ['METRICS', 'OPERATOR', 'PERSON'].map(printed);
  const call = (method, path, token, accept) =>
    fetch(url + path, {
      method,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...(accept && { accept }) },
    });
  const json = async (path, token) => (await call('GET', path, token, 'application/json')).json();

  const snapshot = await json('/metrics', metricsToken);
  assert.equal(snapshot.tokensValidated, 40);
  assert.equal(snapshot.tokensFailed, 10);
  assert.equal(snapshot.totalTokens, 50);
  assert.equal(snapshot.successRate, 80);
  assert.deepEqual(snapshot.errorsByType, { expired_token: 6, invalid_signature: 4 });
  assert.ok(snapshot.validationTimeP95Ms > 0);
  assert.ok(snapshot.validationTimeP99Ms >= snapshot.validationTimeP95Ms);
  assert.equal(snapshot.rateLimit.allowed, 30);
  assert.equal(snapshot.rateLimit.denied, 10);
  assert.equal(snapshot.callers.human, 40);

  const text = await call('GET', '/metrics', metricsToken);
  assert.match(text.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const page = await text.text();
  for (const line of [
    'auth_token_validations_total{result="success"} 40',
    'auth_token_validations_total{result="failure"} 10',
    'auth_token_validation_errors_total{error_type="expired_token"} 6',
    'auth_token_validation_errors_total{error_type="invalid_signature"} 4',
    'auth_token_validation_duration_seconds_count 50',
    'auth_rate_limit_decisions_total{decision="denied",policy="orders"} 10',
  ]) {
    assert.ok(page.split('\n').includes(line), `${line}\nin\n${page}`);
  }

  const { status, warnings } = await json('/health');
  assert.equal(status, 'degraded');
  assert.ok(warnings.includes('80.0 % of tokens are valid, fewer than 95 %'), String(warnings));

  // Good tokens, and still nobody who may read the metrics. They are validations too, so they come after the rate.
  for (const token of [undefined, person, operator]) {
    assert.equal((await call('GET', '/metrics', token)).status, 401);
  }

  const alerts = await json('/alerts', operator);
  const severityOf = (name) => alerts.find((alert) => alert.name === name)?.severity;
  assert.equal(severityOf('low_success_rate'), 'warning');
  assert.equal(severityOf('forged_tokens'), 'critical');
  assert.equal(severityOf('many_denied'), 'warning');
  // Masked: a figure for operators is no list of users.
  assert.match(alerts.find(({ name }) => name === 'many_denied').message, /by user:\*\*\*/);
  assert.equal((await call('GET', '/alerts', person)).status, 403);

  assert.equal((await call('POST', '/metrics/reset')).status, 401);
  assert.equal((await call('POST', '/metrics/reset', person)).status, 403);
  assert.equal((await call('POST', '/metrics/reset', operator)).status, 204);
  const after = await json('/metrics', metricsToken);
  assert.equal(after.totalTokens, 0);
  assert.deepEqual(after.errorsByType, {});
  assert.equal((await json('/health')).status, 'healthy');
  return 'snapshot, Prometheus text, health with a warning, alerts, reset';
}
