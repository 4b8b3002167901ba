// Boxes with a few lines of text, and arrows between them.
const COLOURS = {
  plain: ['#f9fafb', '#6b7280'],
  ours: ['#eff6ff', '#2563eb'],
  good: ['#f0fdf4', '#15803d'],
  bad: ['#fef2f2', '#b91c1c'],
  note: ['#fffbeb', '#b45309'],
};
const LINE = 17;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function box({ x, y, w, h, title, lines = [], kind = 'plain' }) {
  const [fill, stroke] = COLOURS[kind];
  const first = y + (h - LINE * lines.length) / 2 + 5;
  const texts = [
    `<text x="${x + w / 2}" y="${first}" font-size="14" font-weight="600" text-anchor="middle" fill="#111827">${escaped(title)}</text>`,
    ...lines.map(
      (line, index) =>
        `<text x="${x + w / 2}" y="${first + LINE * (index + 1)}" font-size="12" text-anchor="middle" fill="#4b5563">${escaped(line)}</text>`,
    ),
  ];
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="8" fill="${fill}" stroke="${stroke}"/>\n${texts.join('\n')}`;
}

/** From one point to the next, `[x, y, x, y, …]`; the last leg has the head. */
function arrow({ points, label, at, dashed = false }) {
  const path = `M${points.join(' ').replaceAll(/(\S+ \S+) (?=\S)/g, '$1 L')}`;
  const line = `<path d="${path}" fill="none" stroke="#374151" stroke-width="1.4" marker-end="url(#head)"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`;
  if (label === undefined) return line;
  const [x, y] = at;
  return `${line}\n<text x="${x}" y="${y}" font-size="11.5" text-anchor="middle" fill="#374151" stroke="#ffffff" stroke-width="4" paint-order="stroke">${escaped(label)}</text>`;
}

const free = ({ x, y, text, size = 12, anchor = 'start' }) =>
  `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="#4b5563">${escaped(text)}</text>`;

/** A white card with a heading: readable on a light page and on a dark one, and told to those who cannot see it. */
export function card({ width, height, title, about }, content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" role="img" aria-labelledby="title about">
<title id="title">${escaped(title)}</title>
<desc id="about">${escaped(about)}</desc>
<rect width="${width}" height="${height}" rx="12" fill="#ffffff" stroke="#d1d5db"/>
<text x="24" y="36" font-size="20" font-weight="600" fill="#111827">${escaped(title)}</text>
${content.join('\n')}
</svg>
`;
}

const HEAD =
  '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" fill="#374151"/></marker></defs>';

export const svg = ({ boxes, arrows = [], texts = [], ...heading }) =>
  card(heading, [HEAD, ...arrows.map(arrow), ...boxes.map(box), ...texts.map(free)]);
