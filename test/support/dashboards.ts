import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'deploy/dashboards';

interface Panel {
  id: number;
  type: string;
  title: string;
  targets?: { refId: string; expr: string }[];
}

/** The dashboards as they are committed. */
export const dashboards = () =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
      return { file, text, ...(JSON.parse(text) as { uid: string; panels: Panel[] }) };
    });
