/** `npm run build`: dist/esm and dist/cjs, each with its types, from the same sources. Needs `npm ci` of the repository. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

function compile(project, outDir) {
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', outDir], { stdio: 'inherit' });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
compile(root, join(dist, 'esm'));

// The compiler tells the kind of a module by the package.json above its source, so that one is put there.
const copy = mkdtempSync(join(root, '.cjs-'));
try {
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{ "type": "commonjs" }\n');
  // That switch would have every import written as `require`.
  const compilerOptions = { verbatimModuleSyntax: false };
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions }),
  );
  compile(copy, join(dist, 'cjs'));
} finally {
  rmSync(copy, { recursive: true });
}
writeFileSync(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
