#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { runCommand } from './command.js';

const line = (stream: NodeJS.WriteStream) => (words: string) => {
  stream.write(`${words}\n`);
};

// A reader that stops early (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exitCode = error.code === 'EPIPE' ? 0 : 1;
});

void runCommand(process.argv.slice(2), {
  out: line(process.stdout),
  error: line(process.stderr),
  // Back to the beginning of the line, and everything behind it deleted.
  redraw: process.stderr.isTTY ? (words) => void process.stderr.write(`\r${words}\u001b[K`) : undefined,
  stdin: () => text(process.stdin),
}).then((code) => {
  process.exitCode = code;
});
