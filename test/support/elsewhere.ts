import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { bearer, call } from './call.js';

const run = promisify(execFile);
const projects = resolve('test/verifier/elsewhere');
const cache = resolve('.cache');

/** What a sister in another language made of tokens: the claims, or `refused`. */
export type Verdict = Record<string, unknown> | 'refused';

export interface Language {
  name: string;
  /** The program without which the language is left out. */
  tool: string[];
  build(): Promise<void>;
  /** @param identity the key set's address, issuer and audience */
  start(identity: readonly string[]): Promise<Sister>;
}

/** A process that verifies for as long as it is left alone, and so holds the keys it has had. */
export interface Sister {
  verdict(token: string): Promise<Verdict>;
  stop(): Promise<void>;
}

export const isThere = ([command = '', ...args]: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Tokens in by the line, answers out by the line. */
async function startByLines(command: string[], identity: readonly string[]): Promise<Sister> {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, ...identity], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string) => void)[] = [];
  const ended = once(child, 'exit').then(() => 'ended');
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.(line));
  return {
    async verdict(token) {
      const answered = new Promise<string>((resolve) => waiting.push(resolve));
      child.stdin.write(`${token}\n`);
      const line = await Promise.race([answered, ended]);
      if (line === 'ended') throw new Error(`${program} ended`);
      return line.startsWith('refused') ? 'refused' : JSON.parse(line);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

const venv = () => {
  const wanted = readFileSync(join(projects, 'python/requirements.txt'));
  return join(cache, `python-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`);
};

const python: Language = {
  name: 'Python, PyJWT',
  tool: ['python3', '-c', 'import ensurepip, venv'],
  async build() {
    if (existsSync(join(venv(), '.whole'))) return;
    rmSync(venv(), { recursive: true, force: true }); // one that was cut short
    await run('python3', ['-m', 'venv', venv()]);
    const wanted = join(projects, 'python/requirements.txt');
    await run(join(venv(), 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', wanted]);
    mkdirSync(join(venv(), '.whole'));
  },
  start: (identity) =>
    startByLines([join(venv(), 'bin/python'), '-B', '-u', join(projects, 'python/main.py')], identity),
};

const go: Language = {
  name: 'Go, golang-jwt and keyfunc',
  tool: ['go', 'version'],
  async build() {
    const env = {
      ...process.env,
      GOMODCACHE: join(cache, 'go/mod'),
      GOCACHE: join(cache, 'go/build'),
      GOFLAGS: '-mod=readonly -modcacherw',
    };
    await run('go', ['build', '-o', join(cache, 'go/sister'), '.'], { cwd: join(projects, 'go'), env });
  },
  start: (identity) => startByLines([join(cache, 'go/sister')], identity),
};

const rust: Language = {
  name: 'Rust, jsonwebtoken',
  tool: ['cargo', '--version'],
  async build() {
    const env = { ...process.env, CARGO_TARGET_DIR: join(cache, 'cargo') };
    await run('cargo', ['build', '--quiet', '--locked'], { cwd: join(projects, 'rust'), env });
  },
  start: (identity) => startByLines([join(cache, 'cargo/debug/sister')], identity),
};

const spring: Language = {
  name: 'Java, a resource server by Spring',
  tool: ['mvn', '--version'],
  async build() {
    await run('mvn', ['-B', '-q', 'package'], { cwd: join(projects, 'spring') });
  },
  async start([jwks, issuer, audience]) {
    const jar = join(projects, 'spring/target/spring-sister.jar');
    const settings = Object.entries({ jwks, issuer, audience }).map(
      ([name, value]) => `--identity.${name}=${value}`,
    );
    const sister = spawn('java', ['-XX:TieredStopAtLevel=1', '-jar', jar, '--server.port=0', ...settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = `http://127.0.0.1:${await printedPort(sister)}/me`;
    return {
      async verdict(token) {
        const { status, body } = await call(url, { headers: bearer(token) });
        if (status !== 200 && status !== 401) throw new Error(`the resource server answered ${status}`);
        return status === 200 ? body : 'refused';
      },
      async stop() {
        sister.kill();
        if (sister.exitCode === null && sister.signalCode === null) await once(sister, 'exit');
      },
    };
  },
};

/** @throws Error when it ends first */
function printedPort(sister: ChildProcess): Promise<number> {
  return new Promise((listening, ended) => {
    let text = '';
    sister.stdout?.on('data', (chunk) => {
      text += chunk;
      const port = /^port (\d+)$/m.exec(text)?.[1];
      if (port) listening(Number(port));
    });
    sister.once('exit', () => ended(new Error(`the resource server ended:\n${text}`)));
  });
}

export const LANGUAGES = [python, go, rust, spring];
