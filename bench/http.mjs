// Requests per second of a bare Nest application, of the stack that a team assembles by hand today, and of ours with everything
// on; each in a process of its own, in turns, in one run. Read the ratios: the machine is shared. On Linux the time that the
// main thread ran stands beside them, which a neighbour's load moves less.
// usage: npm run bench -- http [--adapter express|fastify] [--situations repeated,fresh,redis] [--seconds 3] [--rounds 5]
//                              [--users 200] [--modes bare,assembled,ours]
// A mode may name parts, to see what each costs: ours-jwt-limit (jwt, limit, audit, metrics).
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median, shoot, startServer, stopServers } from './http/load.mjs';
import { OwnRedis } from './support/own-redis.mjs';

const { values } = parseArgs({
  options: {
    adapter: { type: 'string' },
    situations: { type: 'string', default: 'repeated,fresh,redis' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    users: { type: 'string', default: '200' },
    modes: { type: 'string', default: 'bare,assembled,ours' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const SITUATIONS = {
  repeated: 'tokens that come again, counts in memory',
  fresh: 'every token verified anew, counts in memory',
  redis: 'tokens that come again, counts in Redis',
};

const rows = [];
for (const situation of values.situations.split(',')) {
  if (SITUATIONS[situation] === undefined)
    throw new Error(`--situations: one of ${Object.keys(SITUATIONS).join(', ')}`);
  const redis = situation === 'redis' ? await OwnRedis.start({ keepsCounts: true }) : undefined;
  for (const adapter of values.adapter ? [values.adapter] : ['express', 'fastify']) {
    await compare(situation, adapter, redis?.port);
  }
  await redis?.end();
}
console.table(rows);
if (!existsSync('/proc/self/schedstat')) console.log('This system does not tell how long a thread has run.');
process.exit(0);

async function compare(situation, adapter, redisPort) {
  const env = {
    ADAPTER: adapter,
    SITUATION: situation,
    USERS: values.users,
    ...(redisPort && { REDIS_PORT: redisPort }),
  };
  const servers = [];
  for (const mode of values.modes.split(',')) servers.push(await startServer(mode, env));
  for (const server of servers) await shoot(server, 2);
  const shots = new Map(servers.map((server) => [server, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const server of servers) {
      process.stderr.write(`\r${situation}, ${adapter}: round ${round} of ${rounds}, ${server.mode}          `);
      shots.get(server).push(await shoot(server, seconds));
    }
  }
  process.stderr.write('\n');
  const of = (server, what) => median(shots.get(server).map((shot) => shot[what]));
  const bare = servers[0];
  const assembled = servers.find(({ mode }) => mode === 'assembled');
  for (const server of servers) {
    rows.push({
      situation,
      adapter,
      server: server.mode,
      'requests/s': Math.round(of(server, 'perSecond')),
      [`of ${bare.mode}`]: (of(server, 'perSecond') / of(bare, 'perSecond')).toFixed(2),
      'of assembled': assembled ? (of(server, 'perSecond') / of(assembled, 'perSecond')).toFixed(1) : '',
      'p99 of bare': (of(server, 'p99Ms') / of(bare, 'p99Ms')).toFixed(1),
      'main thread µs': Math.round(of(server, 'mainThreadUs')),
      'of bare, by main thread': (of(bare, 'mainThreadUs') / of(server, 'mainThreadUs')).toFixed(2),
    });
  }
  await stopServers(servers);
}
