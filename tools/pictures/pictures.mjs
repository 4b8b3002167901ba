const box = (x, y, w, h, title, lines, kind) => ({ x, y, w, h, title, lines, kind });

const ROW = 78;
const step = (index, title, lines, kind) => box(24 + index * 152, ROW, 132, 92, title, lines, kind);
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
    box(
      24,
      230,
      588,
      56,
      'refusal: one door for every denial',
      ['a status, a code and headers, in the form of HTTP, GraphQL, WebSockets, microservices'],
      'bad',
    ),
    box(
      24,
      322,
      588,
      60,
      'the record of the call',
      ['who is calling · what was decided · why: each room writes what it knows, all read it'],
      'note',
    ),
    box(706, 230, 216, 56, 'one audit event', ['however the call went'], 'good'),
    box(706, 322, 216, 60, 'metrics', ['counted, in constant memory'], 'good'),
  ],
  arrows: [
    ...[0, 1, 2, 3, 4].map((index) => ({ points: [156 + index * 152, 124, 175 + index * 152, 124] })),
    ...refusals.map((label, index) => ({
      points: [90 + index * 152, 170, 90 + index * 152, 229],
      label,
      at: [90 + index * 152, 204],
    })),
    {
      points: [850, 170, 850, 229],
      label: 'told once',
      at: [850, 204],
    },
    { points: [612, 352, 660, 352, 660, 258, 705, 258] },
    { points: [612, 352, 705, 352] },
    {
      points: [318, 287, 318, 321],
      dashed: true,
      label: 'and why',
      at: [318, 309],
    },
  ],
};

const room = (x, y, w, title, lines, kind) => box(x, y, w, 62, title, lines, kind);
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
    box(24, 66, 200, 62, 'log(), buffered routes', ['returns at once'], 'ours'),
    box(24, 196, 200, 62, 'append(), durable', ['waits before the response'], 'ours'),
    box(24, 326, 200, 62, 'intent', ['waits before the handler'], 'ours'),
    box(318, 66, 220, 62, 'a queue for each sink', ['bounded; losses are counted'], 'note'),
    box(636, 66, 286, 62, 'console, callback, your own sink', ['at least once, in order'], 'plain'),
    box(318, 196, 220, 62, 'the file chain', ['one write, one fdatasync'], 'good'),
    box(636, 196, 286, 62, 'on disk, linked by hashes', ['a receipt: chain, number, hash'], 'good'),
    box(318, 326, 220, 62, 'intent, then handler', ['503 within 250 ms if it cannot'], 'good'),
    box(636, 326, 286, 62, 'the outcome after it', ['an intent without one is a crash, visible'], 'good'),
  ],
  arrows: [
    { points: [224, 97, 317, 97] },
    { points: [538, 97, 635, 97] },
    {
      points: [428, 128, 428, 195],
      label: 'if it is the sink',
      at: [428, 166],
    },
    { points: [224, 227, 317, 227] },
    { points: [538, 227, 635, 227] },
    { points: [224, 357, 317, 357] },
    { points: [538, 357, 635, 357] },
    {
      points: [428, 326, 428, 259],
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
    box(24, 64, 210, 52, 'JwtAuthGuard', ['validations, with their time'], 'plain'),
    box(24, 128, 210, 52, 'the limiter', ['decisions, store up or down'], 'plain'),
    box(24, 192, 210, 52, 'the end of a request', ['who was calling'], 'plain'),
    box(24, 256, 210, 52, 'the audit logger', ['written, dropped and why'], 'plain'),
    box(300, 146, 110, 80, 'events', ['told once'], 'note'),
    box(476, 128, 190, 116, 'MetricsCollector', ['constant memory', 'capped names', 'nothing throws'], 'ours'),
    box(732, 56, 190, 46, 'GET /metrics', ['text, OpenMetrics'], 'good'),
    box(732, 110, 190, 46, 'getMetrics()', ['JSON snapshot'], 'good'),
    box(732, 164, 190, 46, '/prometheus', ['your own registry'], 'good'),
    box(732, 218, 190, 46, '/otel', ['a metric producer'], 'good'),
    box(732, 272, 190, 46, '/terminus', ['health'], 'good'),
  ],
  arrows: [
    ...[90, 154, 218, 282].map((y) => ({ points: [234, y, 299, 186] })),
    { points: [410, 186, 475, 186] },
    ...[79, 133, 187, 241, 295].map((y) => ({ points: [666, 186, 731, y] })),
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
