const ROW = 78;
const step = (index, title, lines, kind) => ({ x: 24 + index * 152, y: ROW, w: 132, h: 92, title, lines, kind });
const steps = [
  step(0, 'perIp', ['a floor before', 'every guard'], 'ours'),
  step(1, 'authentication', ['ours, passport,', 'or any guard'], 'plain'),
  step(2, '@HumanOnly', ['@M2MOnly', 'verdict on the token'], 'ours'),
  step(3, '@RateLimit', ['once per policy,', 'by caller'], 'ours'),
  step(4, 'handler', ['pipes, interceptors,', 'your code'], 'plain'),
  step(5, 'response', ['ends, or', 'is aborted'], 'plain'),
];
const refusals = ['429', '401', '403', '429, 503'];

const request = {
  width: 946,
  height: 410,
  title: 'The way of a request',
  about:
    'A request passes the floor by address, authentication, the question who may call and the limits before the handler. Each notes what it decided on the record of the call. A refusal leaves by one door. When the response has ended, one audit event and the metrics come from the record.',
  boxes: [
    ...steps,
    {
      x: 24,
      y: 230,
      w: 588,
      h: 56,
      title: 'refusal: one door for every denial',
      lines: ['a status, a code and headers, in the form of HTTP, GraphQL, WebSockets, microservices'],
      kind: 'bad',
    },
    {
      x: 24,
      y: 322,
      w: 588,
      h: 60,
      title: 'the record of the call',
      lines: ['who is calling · what was decided · why: each room writes what it knows, all read it'],
      kind: 'note',
    },
    { x: 706, y: 230, w: 216, h: 56, title: 'one audit event', lines: ['however the call went'], kind: 'good' },
    { x: 706, y: 322, w: 216, h: 60, title: 'metrics', lines: ['counted, in constant memory'], kind: 'good' },
  ],
  arrows: [
    ...[0, 1, 2, 3, 4].map((index) => ({
      points: [
        [156 + index * 152, 124],
        [175 + index * 152, 124],
      ],
    })),
    ...refusals.map((label, index) => ({
      points: [
        [90 + index * 152, 170],
        [90 + index * 152, 229],
      ],
      label,
      at: [90 + index * 152, 204],
    })),
    {
      points: [
        [850, 170],
        [850, 229],
      ],
      label: 'told once',
      at: [850, 204],
    },
    {
      points: [
        [612, 352],
        [660, 352],
        [660, 258],
        [705, 258],
      ],
    },
    {
      points: [
        [612, 352],
        [705, 352],
      ],
    },
    {
      points: [
        [318, 287],
        [318, 321],
      ],
      dashed: true,
      label: 'and why',
      at: [318, 309],
    },
  ],
};

const room = (x, y, w, title, lines, kind) => ({ x, y, w, h: 62, title, lines, kind });
const house = {
  width: 946,
  height: 594,
  title: 'The house',
  about:
    'Layers from top to bottom: index; module; startup, doorways and the command; the four rooms; events; request; refusal and options. A file imports only from layers below its own; rooms do not import each other; nothing imports a doorway.',
  boxes: [
    room(24, 60, 898, 'index', ['the public surface: named exports, nothing else']),
    room(24, 134, 898, 'module', ['forRoot, forRootAsync, options: wiring only']),
    room(24, 208, 200, 'startup', ['refused or warned at boot'], 'plain'),
    room(234, 208, 478, 'doorways', ['jwt · redis · prometheus · otel · terminus · swagger · testing'], 'note'),
    room(722, 208, 200, 'cli', ['one file per verb'], 'plain'),
    room(24, 282, 217, 'm2m', ['what a token is'], 'ours'),
    room(251, 282, 217, 'rate-limit', ['who calls too much'], 'ours'),
    room(478, 282, 217, 'audit', ['what happened, provably'], 'ours'),
    room(705, 282, 217, 'metrics', ['how much of it'], 'ours'),
    room(24, 356, 898, 'events', ['what happened, told once'], 'good'),
    room(24, 430, 898, 'request', ['transports, the caller, the record of a call, its end, the way out'], 'plain'),
    room(24, 504, 444, 'refusal', ['what a denial says, and its codes'], 'bad'),
    room(478, 504, 444, 'options', ['checks, OptionsError'], 'plain'),
  ],
  texts: [
    {
      x: 922,
      y: 36,
      anchor: 'end',
      text: 'imports point down · rooms do not know each other · nothing imports a doorway',
    },
  ],
};

const audit = {
  width: 946,
  height: 470,
  title: 'How sure an audit event is',
  about:
    'log returns at once and the event waits in the queue of each sink, where a crash can lose it. append and durable routes wait until the event is on disk. An intent route writes a record before the handler and the outcome after it.',
  boxes: [
    { x: 24, y: 66, w: 200, h: 62, title: 'log(), buffered routes', lines: ['returns at once'], kind: 'ours' },
    { x: 24, y: 196, w: 200, h: 62, title: 'append(), durable', lines: ['waits before the response'], kind: 'ours' },
    { x: 24, y: 326, w: 200, h: 62, title: 'intent', lines: ['waits before the handler'], kind: 'ours' },
    {
      x: 318,
      y: 66,
      w: 220,
      h: 62,
      title: 'a queue for each sink',
      lines: ['bounded; losses are counted'],
      kind: 'note',
    },
    {
      x: 636,
      y: 66,
      w: 286,
      h: 62,
      title: 'console, callback, your own sink',
      lines: ['at least once, in order'],
      kind: 'plain',
    },
    { x: 318, y: 196, w: 220, h: 62, title: 'the file chain', lines: ['one write, one fdatasync'], kind: 'good' },
    {
      x: 636,
      y: 196,
      w: 286,
      h: 62,
      title: 'on disk, linked by hashes',
      lines: ['a receipt: chain, number, hash'],
      kind: 'good',
    },
    {
      x: 318,
      y: 326,
      w: 220,
      h: 62,
      title: 'intent, then handler',
      lines: ['503 within 250 ms if it cannot'],
      kind: 'good',
    },
    {
      x: 636,
      y: 326,
      w: 286,
      h: 62,
      title: 'the outcome after it',
      lines: ['an intent without one is a crash, visible'],
      kind: 'good',
    },
  ],
  arrows: [
    {
      points: [
        [224, 97],
        [317, 97],
      ],
    },
    {
      points: [
        [538, 97],
        [635, 97],
      ],
    },
    {
      points: [
        [428, 128],
        [428, 195],
      ],
      label: 'if it is the sink',
      at: [428, 166],
    },
    {
      points: [
        [224, 227],
        [317, 227],
      ],
    },
    {
      points: [
        [538, 227],
        [635, 227],
      ],
    },
    {
      points: [
        [224, 357],
        [317, 357],
      ],
    },
    {
      points: [
        [538, 357],
        [635, 357],
      ],
    },
    {
      points: [
        [428, 326],
        [428, 259],
      ],
      label: 'both records',
      at: [428, 297],
    },
  ],
  texts: [
    { x: 24, y: 148, text: 'a crash loses what waits, about one turn of the event loop' },
    { x: 24, y: 278, text: 'a crash loses nothing that was answered' },
    { x: 24, y: 408, text: 'a crash loses nothing that was begun' },
    {
      x: 24,
      y: 446,
      text: 'A full disk or a sink that hangs never stops a buffered request; it makes a durable one fail, on purpose.',
    },
  ],
};

const metrics = {
  width: 946,
  height: 360,
  title: 'From a call to a graph',
  about:
    'Validations, decisions, ends of requests and audit writes are events. The collector counts them in constant memory. Its counts are read as a page, as JSON, through prom-client or OpenTelemetry, and by the health indicator.',
  boxes: [
    { x: 24, y: 64, w: 210, h: 52, title: 'JwtAuthGuard', lines: ['validations, with their time'], kind: 'plain' },
    { x: 24, y: 128, w: 210, h: 52, title: 'the limiter', lines: ['decisions, store up or down'], kind: 'plain' },
    { x: 24, y: 192, w: 210, h: 52, title: 'the end of a request', lines: ['who was calling'], kind: 'plain' },
    { x: 24, y: 256, w: 210, h: 52, title: 'the audit logger', lines: ['written, dropped and why'], kind: 'plain' },
    { x: 300, y: 146, w: 110, h: 80, title: 'events', lines: ['told once'], kind: 'note' },
    {
      x: 476,
      y: 128,
      w: 190,
      h: 116,
      title: 'MetricsCollector',
      lines: ['constant memory', 'capped names', 'nothing throws'],
      kind: 'ours',
    },
    { x: 732, y: 56, w: 190, h: 46, title: 'GET /metrics', lines: ['text, OpenMetrics'], kind: 'good' },
    { x: 732, y: 110, w: 190, h: 46, title: 'getMetrics()', lines: ['JSON snapshot'], kind: 'good' },
    { x: 732, y: 164, w: 190, h: 46, title: '/prometheus', lines: ['your own registry'], kind: 'good' },
    { x: 732, y: 218, w: 190, h: 46, title: '/otel', lines: ['a metric producer'], kind: 'good' },
    { x: 732, y: 272, w: 190, h: 46, title: '/terminus', lines: ['health'], kind: 'good' },
  ],
  arrows: [
    ...[90, 154, 218, 282].map((y) => ({
      points: [
        [234, y],
        [299, 186],
      ],
    })),
    {
      points: [
        [410, 186],
        [475, 186],
      ],
    },
    ...[79, 133, 187, 241, 295].map((y) => ({
      points: [
        [666, 186],
        [731, y],
      ],
    })),
  ],
  texts: [
    {
      x: 24,
      y: 340,
      text: 'Everything on the right reads when it is asked: recording costs the same whoever looks on.',
    },
  ],
};

export const PICTURES = { request, house, 'audit-durability': audit, 'metrics-flow': metrics };
