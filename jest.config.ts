/**
 * @jest-config-loader ts-node
 * @jest-config-loader-options {"transpileOnly": true, "compilerOptions": {"module": "commonjs", "moduleResolution": "bundler"}}
 */
import type { Config } from 'jest';

const decorated = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
const plain = { jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } } };

// CommonJS packages that require() these fail inside Jest on Node below 24.9: @swc/jest gives each load the format it asks for.
const esmOnly = 'content-disposition|cookie|jose';

const config: Config = {
  testEnvironment: 'node',
  rootDir: '.',
  roots: ['<rootDir>/test', '<rootDir>/sample'],
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', decorated],
    [`/node_modules/(?:${esmOnly})/.+\\.js$`]: ['@swc/jest', plain],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:.+/node_modules/)?(?:${esmOnly})/)`],
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  // Nothing here takes long; a machine that does other things may.
  testTimeout: 60_000,
};

export default config;
