import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the service counts about itself (R6, R11). Labels come from fixed sets: never user data. */
export interface Metrics {
  /** @param route the template, such as `/v1/api/identity/auth/sign-in` */
  request(labels: { method: string; route: string; status: number }, seconds: number): void;
  /** Counts answers from memory; bound once, since this is the hottest path. */
  document(path: string): () => void;
  /** @param outcome a problem's code, or `signed_in` */
  signIn(scheme: string, outcome: string): void;
  keycloakCall(call: string, outcome: 'ok' | 'refused' | 'failed', seconds: number): void;
  /** An attempt to send a message. */
  message(labels: { channel: string; provider: string; outcome: string }): void;
  /** A figure that is read when somebody asks: `read` answers label values and the figure. */
  observe(options: { name: string; help: string; label: string; read: () => Record<string, number> }): void;
  /** A counter with one label: the function adds one for a label value, which comes from a fixed set. */
  counter(options: { name: string; help: string; label: string }): (value: string) => void;
  /** The exposition text, and its content type. */
  render(): Promise<{ contentType: string; body: string }>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** A registry of its own, with Node's figures (event-loop lag, memory, garbage collection) in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'nx_http_request_duration_seconds',
    help: 'Requests by route template',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const documents = new Counter({
    name: 'nx_http_documents_total',
    help: 'Public documents answered from memory',
    labelNames: ['path'],
    registers,
  });
  const signIns = new Counter({
    name: 'nx_sign_ins_total',
    help: 'Sign-ins by identifier scheme and outcome',
    labelNames: ['scheme', 'outcome'],
    registers,
  });
  const keycloak = new Histogram({
    name: 'nx_keycloak_request_duration_seconds',
    help: 'Calls to Keycloak',
    labelNames: ['call', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const messages = new Counter({
    name: 'nx_messages_total',
    help: 'Attempts to send a message by channel, provider and outcome',
    labelNames: ['channel', 'provider', 'outcome'],
    registers,
  });
  return {
    request: ({ method, route, status }, seconds) => requests.observe({ method, route, status }, seconds),
    document(path) {
      const counter = documents.labels(path);
      return () => counter.inc();
    },
    signIn: (scheme, outcome) => signIns.inc({ scheme, outcome }),
    keycloakCall: (call, outcome, seconds) => keycloak.observe({ call, outcome }, seconds),
    message: (labels) => messages.inc(labels),
    observe({ name, help, label, read }) {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset(); // what is there no more, such as a key that has signed, must not stand for ever
          for (const [value, figure] of Object.entries(read())) this.set({ [label]: value }, figure);
        },
      });
    },
    counter({ name, help, label }) {
      const counter = new Counter({ name, help, labelNames: [label], registers });
      return (value) => counter.inc({ [label]: value });
    },
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
