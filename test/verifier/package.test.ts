import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const typescript = resolve('node_modules/typescript/bin/tsc');

/** A project somewhere else, that knows nothing of this repository, with the packed kit installed. */
let project: string;
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'nx-verifier-'));
  await run('npm', ['pack', '--silent', '--pack-destination', project], { cwd: resolve('verifier') });
  const [tarball = ''] = readdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--omit=peer', `./${tarball}`];
  await run('npm', install, { cwd: project });
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(project, name);
  writeFileSync(path, text);
  return path;
}

/** What the compiler has to say of one file of the project. */
async function compile(name: string, compilerOptions: Record<string, unknown>): Promise<string> {
  const common = { strict: true, noEmit: true, lib: ['es2023'], target: 'es2022' };
  const config = { compilerOptions: { ...common, ...compilerOptions }, files: [name] };
  const file = write('tsconfig.json', JSON.stringify(config));
  const { stdout } = await run('node', [typescript, '-p', file]).catch((error) => error);
  return stdout;
}

const USE = `
const verifier = createVerifier({ jwksUri: 'http://127.0.0.1:9/', issuer: 'i', audience: 'nx', refreshS: false });
verifier.verify('x.y.z').catch((error) => {
  console.log(error instanceof InvalidToken, error.reason, typeof authenticate(verifier));
  verifier.close();
});
`;

describe('the packed kit', () => {
  test('brings compiled code and types, jose beside it, and nothing else (T10)', () => {
    const kit = join(project, 'node_modules', '@nx-identity', 'verifier');
    expect(readdirSync(kit).sort()).toEqual(['README.md', 'dist', 'package.json']);
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed.sort()).toEqual(['@nx-identity', 'jose']);
  });

  test('is imported by a module (T10)', async () => {
    const file = write(
      'esm.mjs',
      `import { createVerifier, InvalidToken } from '@nx-identity/verifier';
       import { authenticate } from '@nx-identity/verifier/express';${USE}`,
    );
    expect((await run('node', [file])).stdout).toBe('true malformed function\n');
  });

  test('is required by CommonJS, without a word on the console (T10)', async () => {
    const file = write(
      'cjs.cjs',
      `const { createVerifier, InvalidToken } = require('@nx-identity/verifier');
       const { authenticate } = require('@nx-identity/verifier/express');${USE}`,
    );
    expect(await run('node', [file])).toEqual({ stdout: 'true malformed function\n', stderr: '' });
  });

  const TYPED = `import { type AccessClaims, createPermissions, createVerifier, type Verifier } from '@nx-identity/verifier';
    import { authenticate, requireMerchant, requirePermission, requireRole } from '@nx-identity/verifier/express';
    const options = { jwksUri: 'https://id/jw-certs', issuer: 'https://id', audience: 'nx' };
    export const verifier: Verifier = createVerifier({ ...options, algorithms: ['ES256'] });
    export async function who(token: string): Promise<string> {
      const claims: AccessClaims = await verifier.verify(token);
      return claims.token_type === 'system' ? claims.sub : claims.userId;
    }
    const service = { tokenEndpoint: 'https://id/token', name: 'sale', secret: 's' };
    const permissions = createPermissions({ base: 'https://id/v1/api/identity', service });
    const mayRead = requirePermission('customer', 'read', { permissions, domain: 'id' });
    export const guards = [authenticate(verifier), requireRole(900), requireMerchant('id'), mayRead];
    // @ts-expect-error an action that is no choice
    requirePermission('customer', 'erase', { permissions, domain: 'id' });
    // @ts-expect-error an algorithm that is no choice
    createVerifier({ ...options, algorithms: ['HS256'] });
  `;

  test.each([
    ['ESM', 'nodenext', 'typed.mts'],
    ['ESM of older compilers', 'node16', 'typed.mts'],
    ['CommonJS', 'nodenext', 'typed.cts'],
    ['CommonJS of older compilers', 'node16', 'typed.cts'],
  ])(
    'has types for %s, with every library checked and no types of Node or Express at hand (T10)',
    async (_what, module, name) => {
      write(name, TYPED);
      expect(await compile(name, { module, types: [], skipLibCheck: false })).toBe('');
    },
  );

  test("fits into Express' own types, where request.identity is known (T10)", async () => {
    write(
      'app.mts',
      `import express from 'express';
       import { createVerifier } from '@nx-identity/verifier';
       import { answerRefusals, authenticate, requireMerchant, requireRole } from '@nx-identity/verifier/express';
       const verifier = createVerifier({ jwksUri: 'https://id/jw-certs', issuer: 'https://id', audience: 'nx' });
       const app = express();
       app.get('/a', authenticate(verifier), requireRole('900_admin'), (request, response) => {
         response.json(request.identity?.sub);
       });
       app.get('/b/:id', authenticate(verifier), requireMerchant('id'), (_request, response) => void response.end());
       app.use(answerRefusals());`,
    );
    const types = join(project, 'node_modules', '@types');
    mkdirSync(types, { recursive: true });
    for (const name of readdirSync(resolve('node_modules/@types')))
      symlinkSync(resolve('node_modules/@types', name), join(types, name));
    expect(await compile('app.mts', { module: 'nodenext', types: ['node'], skipLibCheck: true })).toBe('');
    rmSync(types, { recursive: true });
  });
});
