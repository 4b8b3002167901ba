// The same questions as to the quick start, and the same answers.
export { ask } from '../01-quick-start/ask.mjs';
