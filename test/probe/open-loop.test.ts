import { monotonicMs } from '../../exporter/src/probe/clock';
import { Prober } from '../../exporter/src/probe/prober';
import { ProbeBench, ProbeLog } from '../support/probe-bench';
import { PLAIN_HTTP, probeConfig } from '../support/probe-setup';

const bench = new ProbeBench();
afterAll(() => bench.close());

test('an open loop sleeps until the next arrival, however long it has been going on', async () => {
  const llm = await bench.serve();
  let looks = 0;
  const now = () => {
    looks += 1;
    return monotonicMs();
  };
  const log = new ProbeLog();
  const prober = new Prober(
    {
      run: 'run1',
      zero_ms: monotonicMs(),
      targets: [
        { name: 'there', url: llm.url, model: null, http: PLAIN_HTTP },
        { name: 'absent', url: 'http://127.0.0.1:1/v1', model: null, http: PLAIN_HTTP },
      ],
      config: probeConfig({ rate: 6, turns: 1, concurrency: 4 }),
      limits: { conversations: 12, seconds: null, requests: null },
    },
    log,
    { now },
  );
  prober.start();
  await prober.done;
  expect(log.of('there')).toHaveLength(12);
  expect(log.skipped.filter((line) => line === 'absent down')).toHaveLength(12);
  // Whoever spins until an arrival looks at the clock a hundred thousand times a second, and nothing else gets its turn.
  expect(looks).toBeLessThan(5000);
});
