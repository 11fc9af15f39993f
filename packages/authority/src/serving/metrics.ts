/** Counts for monitors, in the text format of Prometheus. No account, machine or person is named in them. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #seconds = new Map<string, number>();

  count(route: string, status: number, ms: number): void {
    const labels = `route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#seconds.set(`route="${route}"`, (this.#seconds.get(`route="${route}"`) ?? 0) + ms / 1000);
  }

  text(gauges: Readonly<Record<string, number>>): string {
    const lines = [
      '# TYPE leasehold_requests_total counter',
      ...[...this.#requests].map(([labels, value]) => `leasehold_requests_total{${labels}} ${value}`),
      '# TYPE leasehold_request_seconds_total counter',
      ...[...this.#seconds].map(([labels, value]) => `leasehold_request_seconds_total{${labels}} ${value.toFixed(6)}`),
      ...Object.entries(gauges).flatMap(([name, value]) => [
        `# TYPE leasehold_${name} gauge`,
        `leasehold_${name} ${value}`,
      ]),
    ];
    return `${lines.join('\n')}\n`;
  }
}
