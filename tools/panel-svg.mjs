// One panel of the dashboard as an SVG that reads on a light page and on a dark one.

const WIDTH = 480;
const HEIGHT = 240;
const PLOT = { left: 56, right: 12, top: 38, bottom: 52 };
const NAMED = { green: '#2f9e44', red: '#e03131', orange: '#e8890c', purple: '#9c36b5', blue: '#1c7ed6' };
const PALETTE = ['#1c7ed6', '#e8890c', '#2f9e44', '#9c36b5', '#e03131', '#0c8599', '#c2255c', '#5c940d', '#6741d9'];

const TEXT = 'font-family="system-ui, sans-serif" fill="#868e96"';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const round = (number) => Number(number.toFixed(1));

/** A figure as Grafana would write it in that unit. */
export function figure(value, unit) {
  const short = (number) => (Math.abs(number) >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3))));
  switch (unit) {
    case 'percentunit':
      return `${short(value * 100)} %`;
    case 'reqps':
      return `${short(value)}/s`;
    case 's':
      if (value === 0) return '0 s';
      if (Math.abs(value) < 0.001) return `${short(value * 1e6)} µs`;
      return Math.abs(value) < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
    default:
      return short(value);
  }
}

/** `series` are names with points `[second, value]`, from 0 to `seconds`. */
export function drawPanel(panel, series, seconds) {
  const finite = series
    .map(({ name, points }) => ({ name, points: points.filter(([, value]) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length > 0);
  const draw = { stat: drawStat, heatmap: drawHeatMap, piechart: drawShares }[panel.type] ?? drawLines;
  const [width, height] = panel.type === 'stat' ? [240, 120] : [WIDTH, HEIGHT];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(panel.title)}">
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6" fill="none" stroke="#868e96" stroke-opacity=".4"/>
<text x="14" y="24" font-size="13" font-weight="600" ${TEXT}>${escaped(panel.title)}</text>
${draw(panel, finite, seconds)}
</svg>
`;
}

function drawStat(panel, [only], seconds) {
  const { unit, thresholds, mappings = [] } = panel.fieldConfig.defaults;
  const last = only.points.at(-1)[1];
  const step = thresholds.steps.findLast(({ value }) => value === null || last >= value);
  const said = mappings[0]?.options[String(last)]?.text ?? figure(last, unit);
  const line = scaled(only.points, seconds, [0, Math.max(...only.points.map(([, value]) => value)) || 1], {
    left: 14,
    right: 226,
    top: 78,
    bottom: 108,
  });
  const color = NAMED[step.color];
  const graph = `<path d="${path(line)}" fill="none" stroke="${color}" stroke-opacity=".6"/>`;
  return `<text x="120" y="64" font-size="28" font-weight="600" text-anchor="middle" font-family="system-ui, sans-serif" fill="${color}">${said}</text>
${panel.options.graphMode === 'area' ? graph : ''}`;
}

function drawLines(panel, series, seconds) {
  const { unit, max, custom } = panel.fieldConfig.defaults;
  const isStacked = custom.stacking.mode === 'normal';
  const colors = series.map(({ name }, index) => colorOf(panel, name) ?? PALETTE[index % PALETTE.length]);
  const shown = isStacked ? stacked(series) : series;
  const values = shown.flatMap(({ points }) => points.map(([, value]) => value));
  const top = max ?? ceiling(Math.max(...values));
  const bottom = panel.fieldConfig.defaults.min === undefined ? floor(Math.min(...values)) : 0;
  const place = { left: PLOT.left, right: WIDTH - PLOT.right, top: PLOT.top, bottom: HEIGHT - PLOT.bottom };
  const lines = shown.map(({ points, below }, index) => {
    const line = scaled(points, seconds, [bottom, top], place);
    const under = below && scaled(below, seconds, [bottom, top], place).reverse();
    const area = `<path d="${path(line)}${under ? path(under).replace('M', 'L') : ''}Z" fill="${colors[index]}" fill-opacity=".35"/>`;
    return `${isStacked ? area : ''}<path d="${path(line)}" fill="none" stroke="${colors[index]}" stroke-width="1.5"/>`;
  });
  // What is stacked is drawn from the top down, so that every line is seen.
  return [axes(place, bottom, top, unit, seconds), ...lines.reverse(), legend(series, colors)].join('\n');
}

function drawHeatMap(panel, series, seconds) {
  const place = { left: PLOT.left, right: WIDTH - PLOT.right, top: PLOT.top, bottom: HEIGHT - 28 };
  const bounds = series.map(({ name }) => Number(name.replace('+Inf', 'Infinity'))).sort((a, b) => a - b);
  const rows = bounds.map((bound) => series.find(({ name }) => Number(name.replace('+Inf', 'Infinity')) === bound));
  // The buckets are cumulative.
  const counts = rows.map(({ points }, row) =>
    points.map(([at, value], index) => [at, Math.max(0, value - (rows[row - 1]?.points[index]?.[1] ?? 0))]),
  );
  const most = Math.max(...counts.flat().map(([, count]) => count));
  const rowHeight = (place.bottom - place.top) / bounds.length;
  const step = rows[0].points[1][0] - rows[0].points[0][0];
  const width = ((place.right - place.left) * step) / seconds;
  const cells = counts.flatMap((cells_, row) =>
    cells_
      .filter(([, count]) => count > 0.05)
      .map(([at, count]) => {
        const x = place.left + ((place.right - place.left) * at) / seconds;
        const y = place.bottom - (row + 1) * rowHeight;
        return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(rowHeight - 0.5)}" fill="#e8590c" fill-opacity="${Math.max(0.12, Math.sqrt(count / most)).toFixed(2)}"/>`;
      }),
  );
  const labels = bounds.map((bound, row) =>
    row % 2 === 0
      ? ''
      : `<text x="${place.left - 6}" y="${round(place.bottom - (row + 1) * rowHeight + 4)}" font-size="10" text-anchor="end" ${TEXT}>${bound === Infinity ? '∞' : figure(bound, 's')}</text>`,
  );
  return [...labels, ...cells, times(place, seconds)].join('\n');
}

/** The last value of each, as its share of them all. */
function drawShares(panel, series) {
  const shares = series.map(({ name, points }) => ({ name, value: points.at(-1)[1] })).filter(({ value }) => value > 0);
  const total = shares.reduce((sum, { value }) => sum + value, 0);
  const radius = 62;
  const around = 2 * Math.PI * radius;
  let before = 0;
  const parts = shares.map(({ value }, index) => {
    const length = (around * value) / total;
    const part = `<circle cx="120" cy="132" r="${radius}" fill="none" stroke="${PALETTE[index]}" stroke-width="30" stroke-dasharray="${round(length)} ${round(around - length)}" stroke-dashoffset="${round(around / 4 - before)}"/>`;
    before += length;
    return part;
  });
  const rows = shares.map(({ name, value }, index) => {
    const y = 104 + index * 24;
    return `<rect x="250" y="${y - 10}" width="12" height="12" rx="2" fill="${PALETTE[index]}"/><text x="270" y="${y}" font-size="13" ${TEXT}>${escaped(name)}: ${figure(value / total, 'percentunit')} (${figure(value)})</text>`;
  });
  return [...parts, ...rows].join('\n');
}

function axes(place, bottom, top, unit, seconds) {
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = round(place.bottom - (place.bottom - place.top) * share);
    return `<path d="M${place.left} ${y}H${place.right}" stroke="#868e96" stroke-opacity=".25"/><text x="${place.left - 6}" y="${y + 4}" font-size="10" text-anchor="end" ${TEXT}>${figure(bottom + (top - bottom) * share, unit)}</text>`;
  });
  return [...rows, times(place, seconds)].join('\n');
}

function times(place, seconds) {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const x = round(place.left + (place.right - place.left) * share);
      const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
      return `<text x="${x}" y="${place.bottom + 14}" font-size="10" text-anchor="${anchor}" ${TEXT}>${Math.round(seconds * share)} s</text>`;
    })
    .join('\n');
}

function legend(series, colors) {
  let x = 14;
  return series
    .map(({ name }, index) => {
      const entry = `<rect x="${x}" y="${HEIGHT - 22}" width="10" height="10" rx="2" fill="${colors[index]}"/><text x="${x + 14}" y="${HEIGHT - 13}" font-size="11" ${TEXT}>${escaped(name)}</text>`;
      x += 28 + name.length * 6.4;
      return entry;
    })
    .join('\n');
}

/** Each on top of those before it; where one has no point, it adds nothing. */
function stacked(series) {
  const moments = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  let below = moments.map((at) => [at, 0]);
  return series.map(({ name, points }) => {
    const valueAt = new Map(points);
    const line = below.map(([at, sum]) => [at, sum + (valueAt.get(at) ?? 0)]);
    const layer = { name, points: line, below };
    below = line;
    return layer;
  });
}

function scaled(points, seconds, [bottom, top], place) {
  return points.map(([at, value]) => [
    place.left + ((place.right - place.left) * at) / seconds,
    place.bottom - ((place.bottom - place.top) * (value - bottom)) / (top - bottom || 1),
  ]);
}

const path = (points) => points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

function colorOf(panel, name) {
  const override = panel.fieldConfig.overrides.find(({ matcher }) => matcher.options === name);
  return override && NAMED[override.properties[0].value.fixedColor];
}

/** The next number that is pleasant to read. */
function ceiling(value) {
  if (!(value > 0)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((step) => step * magnitude >= value) * magnitude;
}

const floor = (value) => Math.floor(value * 10) / 10;
