process.env.PARTS = '';
process.env.PORT = String(20000 + Math.floor(Math.random() * 20000));
process.env.LOG = '/tmp/proto/log.txt';
const log = console.log;
console.log = (l) => {
  const o = JSON.parse(l);
  log(JSON.stringify({ ...o, port: Number(process.env.PORT) }));
};
await import('/tmp/proto/build/proto-server.js');
