/** What the sample prints at start: where the metrics are, and how to look at them. */
export function whatToTry(url: string, metricsToken: string): string {
  return `
Traffic is on its way, with something that goes wrong a few times a minute. Leave this running.

  curl -s ${url}/metrics -H 'Authorization: Bearer ${metricsToken}'     # what Prometheus reads

Prometheus alone, with the alert rules of the package, at http://127.0.0.1:9090/alerts:

  prometheus --config.file=sample/11-prometheus-grafana/prometheus.yml --storage.tsdb.path=/tmp/prometheus-of-the-sample

Prometheus and Grafana in containers (Linux), with the dashboard at http://127.0.0.1:3001:

  docker compose -f sample/11-prometheus-grafana/compose.yaml up
`;
}
