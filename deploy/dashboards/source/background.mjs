/** What nobody waits for at the moment: codes, messages, outboxes, keys. */
export const background = {
  file: 'nx-identity-background.json',
  uid: 'nx-identity-background',
  title: 'nx-identity: codes, messages, keys',
  rows: [
    {
      title: 'One-time codes',
      panels: [
        {
          title: 'Codes asked for, by what became of it',
          unit: 'reqps',
          queries: { '{{outcome}}': 'sum by (outcome) (rate(nx_otp_requests_total{$job}[$range]))' },
        },
        {
          title: 'Codes by SMS: sent, come back, collapses',
          unit: 'reqps',
          queries: { '{{event}}': 'sum by (event) (rate(nx_otp_conversion_total{$job}[$range]))' },
        },
      ],
    },
    {
      title: 'Messages',
      panels: [
        {
          title: 'Attempts to send',
          unit: 'reqps',
          queries: {
            '{{channel}} {{provider}} {{outcome}}':
              'sum by (channel, provider, outcome) (rate(nx_messages_total{$job}[$range]))',
          },
        },
        {
          title: 'Promised and not sent',
          unit: 'short',
          queries: { '{{channel}}': 'max by (channel) (nx_messages_waiting{$job})' },
        },
        {
          title: 'The oldest of them',
          unit: 's',
          queries: { '{{channel}}': 'max by (channel) (nx_message_oldest_unsent_seconds{$job})' },
        },
        {
          title: 'Failed for good, can be replayed',
          kind: 'stat',
          unit: 'short',
          queries: { '{{channel}}': 'max by (channel) (nx_messages_dead{$job})' },
        },
        {
          title: 'Jobs in the queue',
          unit: 'short',
          queries: { '{{queue}}': 'max by (queue) (nx_queue_depth{$job})' },
        },
        {
          title: 'How long outboxes lag',
          unit: 's',
          queries: { '{{outbox}}': 'max by (outbox) (nx_outbox_lag_seconds{$job})' },
        },
      ],
    },
    {
      title: 'Signing keys',
      panels: [
        {
          title: 'Age of the key that signs',
          kind: 'stat',
          unit: 's',
          queries: { '{{kid}}': 'max by (kid) (nx_signing_key_age_seconds{$job})' },
        },
        {
          title: 'Who lacks the newest key',
          unit: 'short',
          queries: { '{{kind}}': 'max by (kind) (nx_signing_key_laggards{$job})' },
        },
        {
          title: 'A rotation is due that nobody can begin',
          kind: 'stat',
          unit: 'short',
          queries: { '{{reason}}': 'max by (reason) (nx_signing_key_rotation_due{$job})' },
        },
      ],
    },
  ],
};
