/** What `npm start` needs on the machine and can't fetch by itself. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const jdk = (name) => (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', name) : name);

/** What the command prints about itself, or '' when it can't be run. */
function output(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve(error ? '' : `${stdout}\n${stderr}`),
    );
  });
}

/** Whether `found`, such as "3.8.7", is at least `wanted`, such as [3, 8]. */
export function atLeast(found, wanted) {
  const parts = found.split('.').map(Number);
  for (const [index, number] of wanted.entries()) {
    const part = parts[index] ?? 0;
    if (part !== number) return part > number;
  }
  return true;
}

const JDK_HINT =
  'install a JDK (not only a JRE), e.g. apt-get install openjdk-17-jdk-headless, or set JAVA_HOME';

async function javaProblem() {
  const found = /version "(\d+)/.exec(await output(jdk('java'), ['-version']))?.[1];
  if (!found) return `java 17 or later is missing: ${JDK_HINT}`;
  return Number(found) >= 17 ? undefined : `java 17 or later is needed, this is ${found}: ${JDK_HINT}`;
}

async function jarProblem() {
  const found = /jar (\d+)/.exec(await output(jdk('jar'), ['--version']))?.[1];
  if (!found) return `jar 17 or later is missing (a JRE has none): ${JDK_HINT}`;
  return Number(found) >= 17 ? undefined : `jar 17 or later is needed, this is ${found}: ${JDK_HINT}`;
}

async function mavenProblem() {
  const text = await output('mvn', ['-v']);
  const found = /Apache Maven (\d[\d.]*)/.exec(text)?.[1];
  const hint = 'install Maven 3.8 or later, e.g. apt-get install maven';
  if (!found) return `mvn 3.8 or later is missing, or can't find its java: ${hint}`;
  return atLeast(found, [3, 8]) ? undefined : `mvn 3.8 or later is needed, this is ${found}: ${hint}`;
}

/** One line per thing that is missing or too old, with what to install; none when all is there. */
export async function missingTools() {
  const node = process.versions.node;
  const nodeProblem = atLeast(node, [20, 19])
    ? undefined
    : `Node 20.19 or later is needed, this is ${node}: install it from your system or nodejs.org`;
  const systemProblem =
    process.platform === 'linux' || process.platform === 'darwin'
      ? undefined
      : `The embedded parts run on Linux and macOS, not on ${process.platform}: use WSL there`;
  const found = [
    nodeProblem,
    systemProblem,
    ...(await Promise.all([javaProblem(), jarProblem(), mavenProblem()])),
  ];
  return found.filter((problem) => problem !== undefined);
}
