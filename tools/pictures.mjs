// Draws the pictures of docs/images that show how the parts hang together: node tools/pictures.mjs
// Plain SVG, readable on a light and on a dark page, no font that has to be loaded.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PICTURES } from './pictures/pictures.mjs';
import { svg } from './pictures/svg.mjs';

for (const [name, picture] of Object.entries(PICTURES)) {
  writeFileSync(fileURLToPath(new URL(`../docs/images/${name}.svg`, import.meta.url)), svg(picture));
  console.log(`docs/images/${name}.svg`);
}
