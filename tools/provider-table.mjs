// Writes the table of providers in docs/06-m2m-presets.md from the presets themselves: node tools/provider-table.mjs
// (the package must be built). A test compares the page with the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { format, resolveConfig } from 'prettier';

// The CommonJS copy has a file for each of the source; the other one is bundled.
const require = createRequire(import.meta.url);
const { allPresets } = require('../dist/cjs/m2m/presets/index.js');
const { CLIENT_ID_CLAIMS } = require('../dist/cjs/m2m/client-id.js');

const page = new URL('../docs/06-m2m-presets.md', import.meta.url);
const columns = ['preset', 'for', 'a machine is', 'a person is', 'client', 'sources'];
const code = (name) => `\`${name}\``;
const wordsOf = ({ rules }, kind) => {
  const words = rules.filter((rule) => rule.kind === kind).map((rule) => rule.words);
  return words.length === 0 ? 'as the neutral rule says' : [...new Set(words)].join('; ');
};
const clientOf = ({ clientIdClaims = CLIENT_ID_CLAIMS, rules }) =>
  clientIdClaims.length > 0
    ? clientIdClaims.map(code).join(', ')
    : rules.some(({ clientId }) => clientId)
      ? 'by its rule'
      : 'none';

const rows = allPresets().map((preset) => [
  code(preset.name),
  preset.title,
  wordsOf(preset, 'm2m'),
  wordsOf(preset, 'human'),
  clientOf(preset),
  preset.sources.map((url, index) => `[${index + 1}](${url})`).join(' '),
]);
const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');

const text = readFileSync(page, 'utf8');
const start = text.indexOf('| preset');
const end = text.indexOf('\n\n', start);
const written = `${text.slice(0, start)}${table}${text.slice(end)}`;
const options = (await resolveConfig(page)) ?? {};
writeFileSync(page, await format(written, { ...options, parser: 'markdown' }));
