import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface ComposeService {
  image: string;
  build?: { dockerfile: string };
  user?: string;
  read_only?: boolean;
  privileged?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  profiles?: string[];
  environment?: Record<string, string | number>;
  secrets?: (string | { source: string; target: string })[];
  volumes?: string[];
  ports?: string[];
  networks?: string[];
  labels?: Record<string, string>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition?: string }>;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  secrets: Record<string, { file: string }>;
}

/** docker-compose.yml, its anchors merged, its variables as written. */
export const composeFile = (): ComposeFile =>
  parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true, maxAliasCount: 1000 });

/** A value as compose reads it when no variable is set. */
export const withDefaults = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
