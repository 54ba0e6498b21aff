import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Fetch } from './fetch-download.js';
import type { Supervisor } from './supervisor.js';

/** What a tool needs of our environment, and nothing that could change what it does (JAVA_OPTS, KC_*, PG*). */
export function plainEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'USER', 'LOGNAME', 'JAVA_HOME'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Maven's environment also holds how to reach a registry: proxies, certificates, its own options. */
function mavenEnvironment(): Record<string, string> {
  const wanted = /^(https?_proxy|no_proxy|ssl_cert_|mvn_|maven_|m2_)/i;
  const more = Object.entries(process.env).filter(([name, value]) => wanted.test(name) && value);
  return { ...plainEnvironment(), ...(Object.fromEntries(more) as Record<string, string>) };
}

function jdkTool(name: string): string {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', name) : name;
}

/** The JDK's and Maven's commands, as children of the supervisor. */
export interface Jdk {
  /** Unpacks an archive whole or not at all; replaces nothing that is there. */
  unpack(archive: string, folder: string): Promise<void>;
  maven(args: readonly string[], cwd: string, failure: string): Promise<void>;
  fetch: Fetch;
}

export function createJdk(supervisor: Supervisor, cacheDir: string, logDir: string): Jdk {
  mkdirSync(cacheDir, { recursive: true });

  async function unpack(archive: string, folder: string): Promise<void> {
    const partial = `${folder}.partial-${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await supervisor.run({
      name: 'jar',
      command: jdkTool('jar'),
      args: ['xf', archive],
      cwd: partial,
      env: plainEnvironment(),
      logFile: join(logDir, 'unpack.log'),
      failure: `${archive} could not be unpacked`,
      deadlineMs: 180_000,
    });
    renameSync(partial, folder);
  }

  const maven = (args: readonly string[], cwd: string, failure: string) =>
    supervisor.run({
      name: 'Maven',
      command: 'mvn',
      args: ['-B', '-q', '--strict-checksums', ...args],
      cwd,
      env: mavenEnvironment(),
      logFile: join(logDir, `maven-${basename(cwd).replace(/[.]partial.*/, '')}.log`),
      failure,
      deadlineMs: 600_000,
    });

  const fetch: Fetch = async (download, folder, attempt) => {
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
    // What Maven keeps at home may be what is damaged: the second try starts from an empty repository.
    const afresh = attempt > 1 ? [`-Dmaven.repo.local=${join(folder, 'repository')}`] : [];
    await maven(
      [plugin, `-Dartifact=${download.artifact}`, `-DoutputDirectory=${folder}`, ...afresh],
      folder,
      `${download.artifact} could not be fetched from Maven Central`,
    );
  };

  return { unpack, maven, fetch };
}
