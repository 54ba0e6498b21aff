import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const hasJq = (() => {
  try {
    return execFileSync('jq', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

const SERVER = {
  spec: {
    template: {
      metadata: { labels: { 'app.kubernetes.io/component': 'server' } },
      spec: {
        volumes: [{ name: 'keys' }],
        topologySpreadConstraints: [{}],
        containers: [
          {
            image: 'nx-seller-identity:1',
            env: [
              { name: 'RUN_MODE', value: 'server' },
              { name: 'DATABASE_URL', valueFrom: {} },
            ],
            readinessProbe: {},
            ports: [{}],
            volumeMounts: [{ name: 'keys' }],
          },
        ],
      },
    },
  },
};

const here = hasJq ? test : test.skip;
here('the job of an operator’s command has a server’s image, settings and keys, and runs once (R7)', () => {
  const args = ['-f', 'deploy/ops-job.jq', '--arg', 'command', 'after-restore --yes'];
  const job = JSON.parse(execFileSync('jq', args, { input: JSON.stringify(SERVER), encoding: 'utf8' }));
  expect([job.kind, job.spec.backoffLimit]).toEqual(['Job', 0]);
  expect(job.spec.template.metadata).toEqual(SERVER.spec.template.metadata);
  expect(job.spec.template.spec).toEqual({
    volumes: [{ name: 'keys' }],
    restartPolicy: 'Never',
    containers: [
      {
        image: 'nx-seller-identity:1',
        args: ['after-restore', '--yes'],
        env: [
          { name: 'DATABASE_URL', valueFrom: {} },
          { name: 'RUN_MODE', value: 'ops' },
        ],
        volumeMounts: [{ name: 'keys' }],
      },
    ],
  });
});
