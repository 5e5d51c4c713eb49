// Sends events through Riemann's JavaScript client; `ask` also asks for them and prints the answer.
//
// Usage: node riemann.js tcp|udp|ask PORT COUNT

const { once } = require('node:events');
const riemann = require('riemann');

const [command, port, count] = process.argv.slice(2);

// Calls and waits for the answer: this client cannot separate two answers in one segment.
async function call(client, payload, transport, outcome) {
  const done = once(client, outcome);
  client.send(payload, transport);
  const [answer] = await done;
  if (outcome === 'data' && !answer.ok) throw new Error(answer.error);
  return answer;
}

async function run() {
  const client = riemann.createClient({ port });
  if (command === 'udp') {
    // The client always connects by TCP too, where no peer listens.
    client.on('error', () => {});
    await new Promise((closed) => client.tcp.socket.once('close', closed));
  } else {
    await once(client, 'connect');
  }
  const [transport, outcome] = command === 'udp' ? [client.udp, 'sent'] : [client.tcp, 'data'];
  for (let n = 0; n < count; n++) {
    const event = client.Event({
      time: 1700000000 + n, state: 'ok', service: 'node', host: 'web-1', description: `number ${n}, \u00fc`,
      tags: ['a', 'b'], ttl: 60.5, metric: n + 0.5, attributes: [{ key: 'k', value: 'v' }],
    });
    await call(client, event, transport, outcome);
  }
  if (command === 'ask') {
    const answer = await call(client, client.Query({ string: 'service = "node"' }), client.tcp, 'data');
    for (const event of answer.events) {
      console.log(JSON.stringify({
        time: Number(event.time), state: event.state, service: event.service, host: event.host,
        description: event.description, tags: event.tags, ttl: event.ttl, attributes: event.attributes,
        time_micros: null, metric_sint64: null, metric_d: null, metric_f: event.metricF,
      }));
    }
  }
  client.disconnect();
}

run();
