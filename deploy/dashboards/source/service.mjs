/** Whether people are served: requests, sign-ins, Keycloak, the parts, the process. */
const requests = 'nx_http_request_duration_seconds';

export const service = {
  file: 'nx-identity-service.json',
  uid: 'nx-identity-service',
  title: 'nx-identity: service',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by status',
          unit: 'reqps',
          queries: { '{{status}}': `sum by (status) (rate(${requests}_count{$job}[$range]))` },
        },
        {
          title: 'Share answered by an error of ours',
          unit: 'percentunit',
          queries: {
            '5xx': `1 - sum(rate(${requests}_count{$job,status!~"5.."}[$range])) / sum(rate(${requests}_count{$job}[$range]))`,
          },
        },
        {
          title: 'Time to answer',
          unit: 's',
          queries: {
            p50: `histogram_quantile(0.5, sum by (le) (rate(${requests}_bucket{$job}[$range])))`,
            p95: `histogram_quantile(0.95, sum by (le) (rate(${requests}_bucket{$job}[$range])))`,
            p99: `histogram_quantile(0.99, sum by (le) (rate(${requests}_bucket{$job}[$range])))`,
          },
        },
        {
          title: 'Busiest routes',
          unit: 'reqps',
          queries: {
            '{{method}} {{route}}': `topk(10, sum by (method, route) (rate(${requests}_count{$job}[$range])))`,
          },
        },
        {
          title: 'Public documents from memory',
          unit: 'reqps',
          queries: { '{{path}}': 'sum by (path) (rate(nx_http_documents_total{$job}[$range]))' },
        },
      ],
    },
    {
      title: 'Sign-ins and Keycloak',
      panels: [
        {
          title: 'Sign-ins by outcome',
          unit: 'reqps',
          queries: { '{{outcome}}': 'sum by (outcome) (rate(nx_sign_ins_total{$job}[$range]))' },
        },
        {
          title: 'Sign-ins by identifier',
          unit: 'reqps',
          queries: { '{{scheme}}': 'sum by (scheme) (rate(nx_sign_ins_total{$job}[$range]))' },
        },
        {
          title: "Keycloak's answers",
          unit: 'reqps',
          queries: {
            '{{call}} {{outcome}}':
              'sum by (call, outcome) (rate(nx_keycloak_request_duration_seconds_count{$job}[$range]))',
          },
        },
        {
          title: "Keycloak's time, p95",
          unit: 's',
          queries: {
            '{{call}}':
              'histogram_quantile(0.95, sum by (le, call) (rate(nx_keycloak_request_duration_seconds_bucket{$job}[$range])))',
          },
        },
      ],
    },
    {
      title: 'Parts and processes',
      panels: [
        {
          title: 'Parts that every replica reaches',
          kind: 'stat',
          unit: 'short',
          queries: { '{{part}}': 'min by (part) (nx_part_up{$job})' },
        },
        {
          title: 'Database connections',
          unit: 'short',
          queries: {
            '{{instance}} {{state}}': 'sum by (instance, state) (nx_database_pool_connections{$job})',
          },
        },
        {
          title: 'Event loop, p99',
          unit: 's',
          queries: { '{{instance}}': 'max by (instance) (nodejs_eventloop_lag_p99_seconds{$job})' },
        },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: { '{{instance}}': 'sum by (instance) (process_resident_memory_bytes{$job})' },
        },
        {
          title: 'Processor',
          unit: 'percentunit',
          queries: { '{{instance}}': 'sum by (instance) (rate(process_cpu_seconds_total{$job}[$range]))' },
        },
      ],
    },
  ],
};
