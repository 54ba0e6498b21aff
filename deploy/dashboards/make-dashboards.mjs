/** `npm run make:dashboards`: writes deploy/dashboards/*.json by Grafana's own library, from what stands in source/. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { background } from './source/background.mjs';
import { service } from './source/service.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
/** Whichever Prometheus is picked above the panels, so that the files fit any Grafana. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
const datasource = { type: 'prometheus', uid: '${datasource}' };
const [HEIGHT, SPAN] = [8, 8]; // three panels abreast

/** What a panel asks: `$job` is the service's, `$range` a span that Grafana fits to the picture's width. */
const inFull = (query) =>
  query.replaceAll('$job', 'job="nx-identity"').replaceAll('$range', '$__rate_interval');

const legend = new VizLegendOptionsBuilder()
  .showLegend(true)
  .displayMode(LegendDisplayMode.List)
  .placement(LegendPlacement.Bottom);

function panel({ title, kind, unit, queries }, id) {
  const builder = kind === 'stat' ? new StatBuilder() : new TimeseriesBuilder().legend(legend);
  builder.id(id).title(title).unit(unit).min(0).datasource(datasource).height(HEIGHT).span(SPAN);
  for (const [index, [name, query]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    builder.withTarget(new DataqueryBuilder().refId(refId).expr(inFull(query)).legendFormat(name));
  }
  return builder;
}

function dashboard({ uid, title, rows }) {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['nx-identity'])
    .refresh('1m')
    .timezone('browser');
  builder.time({ from: 'now-3h', to: 'now' });
  builder.withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(++id));
    for (const each of row.panels) builder.withPanel(panel(each, ++id));
  }
  return builder.build();
}

/** Each file's name and text. */
export function makeDashboards() {
  return [service, background].map((source) => ({
    file: source.file,
    text: `${JSON.stringify(dashboard(source), null, 2)}\n`,
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { file, text } of makeDashboards()) writeFileSync(join(folder, file), text);
