import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('@nestjs/core/package.json') as { version: string };

/** The tests run under both majors: what Nest itself does differently is told apart by this. */
export const NEST_MAJOR = Number(version.split('.')[0]);
