// Every TypeScript snippet of README.md, CONTRIBUTING.md, the samples' pages and docs/, and every @example of the public API,
// is compiled against the built package, as a reader who pastes it would. Needs the build that `npm test` makes first.
// A migration page writes what the reader has today as ```ts before: it is compiled as it stands, with the package that it uses.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const ROOT = resolve('.');

interface Snippet {
  readonly source: string;
  readonly line: number;
  readonly code: string;
  /** Code of the package that a reader comes from: nothing is declared or imported for it. */
  readonly isBefore: boolean;
}

function snippetsOf(source: string): Snippet[] {
  const text = readFileSync(join(ROOT, source), 'utf8');
  const fence = source.endsWith('.ts')
    ? /^[ \t]*\*[ \t]*```ts()\n([\s\S]*?)^[ \t]*\*[ \t]*```/gm
    : /^```ts( before)?\n([\s\S]*?)^```/gm;
  return [...text.matchAll(fence)].map((match) => ({
    source,
    line: text.slice(0, match.index).split('\n').length,
    code: source.endsWith('.ts') ? match[2]!.replace(/^[ \t]*\*[ \t]?/gm, '') : match[2]!,
    isBefore: match[1] === ' before',
  }));
}

const files = (folder: string, ending: string): string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(ending))
        .map((file) => join(folder, file))
    : [];

const pages = ['README.md', 'CONTRIBUTING.md', ...files('docs', '.md'), ...files('sample', '.md')];
const snippets = [...pages, ...files('src', '.ts')].flatMap(snippetsOf);

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, object> };
/** `nestjs-auth-services`, `nestjs-auth-services/jwt` and so on, each with the file that declares it. */
const entries = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => [path.replace('.', 'nestjs-auth-services'), join('dist/esm', path, 'index.d.ts')] as const);

/** What an @example may use without importing it: an editor would add these imports. */
const IMPORTABLE: readonly (readonly [module: string, names: readonly string[]])[] = [
  ...entries.map(([name, file]) => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const names = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => list!.split(','));
    return [
      name,
      names
        .map((part) =>
          part
            .trim()
            .replace(/^type /, '')
            .split(' as ')
            .at(-1)!,
        )
        .filter(Boolean),
    ] as const;
  }),
  [
    '@nestjs/common',
    [
      'ConsoleLogger',
      'Body',
      'Controller',
      'ExecutionContext',
      'Get',
      'Inject',
      'Injectable',
      'Logger',
      'Module',
      'Param',
      'Post',
      'Req',
      'UseGuards',
      'UseInterceptors',
    ],
  ],
  ['@nestjs/core', ['NestFactory']],
  ['@nestjs/testing', ['Test']],
  // Not part of the public entry; their examples are for whoever works on them.
  ['../../dist/esm/request/ip.js', ['ipNetwork']],
];

/** What an @example speaks of without introducing it: the services as they were injected, and things of an application. */
const AMBIENT: Readonly<Record<string, string>> = {
  app: "import('@nestjs/common').INestApplication",
  audit: "import('nestjs-auth-services').AuditLogger",
  limiter: "import('nestjs-auth-services').RateLimiterService",
  metrics: "import('nestjs-auth-services').MetricsCollector",
  caller: "import('nestjs-auth-services').Caller",
  claims: "import('nestjs-auth-services').JwtClaims",
  request: '{ ip: string; headers: Record<string, string> }',
  response: '{ set(headers: Record<string, string>): void }',
  user: '{ id: string }',
  order: '{ id: string }',
  AppModule: 'new () => object',
  it: "typeof import('@jest/globals').it",
  expect: "typeof import('@jest/globals').expect",
  ...Object.fromEntries(
    ['userId', 'orderId', 'clientId', 'ip', 'ipAddress', 'token', 'tenant', 'privateKey'].map((name) => [
      name,
      'string',
    ]),
  ),
};

function declarations(code: string): string {
  const isUsed = (name: string): boolean => new RegExp(`(?<![\\w.$'"\`])${name}\\b(?!\\s*[:?]|=)`).test(code);
  // Declared, destructured, imported, or a parameter: of a method with its type, of an arrow function without.
  const isOwn = (name: string): boolean =>
    new RegExp(`\\b(?:const|let|class|function)\\s+(?:\\{[^}]*\\b)?${name}\\b`).test(code) ||
    new RegExp(`\\bimport\\s[^;]*\\b${name}\\b`).test(code) ||
    new RegExp(`[(,]\\s*(?:private\\s+|readonly\\s+)*${name}\\s*:`).test(code) ||
    new RegExp(`\\b${name}\\b\\s*=>|\\([^()]*\\b${name}\\b[^()]*\\)\\s*=>`).test(code);
  return Object.entries(AMBIENT)
    .filter(([name]) => isUsed(name) && !isOwn(name))
    .map(([name, type]) => `declare const ${name}: ${type};`)
    .join(' ');
}

function withImports({ code }: Snippet): string {
  const imported = new Set(
    [...code.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, names]) =>
      names!.split(',').map((name) => name.trim().replace(/^type /, '')),
    ),
  );
  const lines = IMPORTABLE.flatMap(([module, names]) => {
    const used = names.filter(
      (name) =>
        !imported.has(name) &&
        new RegExp(`(?<![\\w.$'"])${name}\\b`).test(code) &&
        !new RegExp(`(class|const|function|interface) ${name}\\b`).test(code),
    );
    return used.length > 0 ? [`import { ${used.join(', ')} } from '${module}';`] : [];
  });
  return `${lines.join(' ')} ${declarations(code)} ${code}\nexport {};\n`;
}

/** A method or a constructor on its own is a fragment of a class. */
function asModule(snippet: Snippet): string {
  if (snippet.isBefore) return `${snippet.code}\nexport {};\n`;
  const code = withImports(snippet);
  return /^\s*(?:@\w+\(|constructor\(|(?:async )?\w+\([^)]*\)(?:: [\w<>]+)? \{)/.test(snippet.code) &&
    !/\bclass\b/.test(snippet.code)
    ? withImports({ ...snippet, code: `class Example {\n${snippet.code}\n}` })
    : code;
}

describe('the snippets', () => {
  const virtual = new Map(
    snippets.map((snippet, index) => [join(ROOT, 'test', 'types', `snippet-${index}.ts`), snippet]),
  );
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    lib: ['lib.es2023.d.ts'],
  };
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  const exists = host.fileExists.bind(host);
  const source = host.getSourceFile.bind(host);
  host.fileExists = (file) => virtual.has(file) || exists(file);
  host.readFile = (file) => (virtual.has(file) ? asModule(virtual.get(file)!) : read(file));
  host.getSourceFile = (file, languageVersion, ...rest) =>
    virtual.has(file)
      ? ts.createSourceFile(file, asModule(virtual.get(file)!), languageVersion)
      : source(file, languageVersion, ...rest);
  const program = ts.createProgram([...virtual.keys()], options, host);

  it('are there, and the package is built', () => {
    expect(existsSync('dist/esm/index.d.ts')).toBe(true);
    expect(snippets.filter(({ source: from }) => from === 'README.md').length).toBeGreaterThanOrEqual(2);
  });

  it.each([...virtual].map(([file, { source: from, line }]) => ({ file, where: `${from}:${line}` })))(
    'compile as they stand, so that a reader can paste them: $where',
    ({ file }) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
      expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
    },
  );

  it('in Python, what somebody who comes from the original has today, parse where there is a Python', () => {
    const before = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/^```python\n([\s\S]*?)^```/gm)].map(([, code]) => code!),
    );
    expect(before.length).toBeGreaterThanOrEqual(4);
    const script = 'import ast, json, sys\nfor code in json.load(sys.stdin): ast.parse(code)';
    const { stderr, error } = spawnSync('python3', ['-c', script], { input: JSON.stringify(before), encoding: 'utf8' });
    if (error === undefined) expect(stderr).toBe('');
  });
});
