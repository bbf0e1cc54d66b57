import { record } from '../../test/stats/workload';
import { FailureLog } from './failure-log';
import type { LogFields, Logger } from './log';
import type { Outcome } from './model/record';

function setUp() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const at =
    (level: string) =>
    (event: string, { target, outcome, failed, detail }: LogFields = {}) => {
      if (level === 'debug') return;
      lines.push(
        [level, event, target, outcome, failed ?? detail].filter((part) => part !== undefined).join(' '),
      );
    };
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const log = new FailureLog(logger, () => clock.now);
  const seen = (target: string, outcome: Outcome) =>
    log.record(record(target, 'c1', 1, { outcome, ...(outcome !== 'ok' && { error: 'why' }) }));
  return { log, lines, clock, seen };
}

test('a target that begins to fail is told of once for each way, however often it fails', () => {
  const { lines, seen } = setUp();
  for (const outcome of ['http_503', 'ok', 'http_503', 'timeout', 'http_503'] as const) seen('a', outcome);
  seen('b', 'http_503');
  expect(lines).toEqual([
    'warn probes_failing a http_503 why',
    'warn probes_failing a timeout why',
    'warn probes_failing b http_503 why',
  ]);
});

test('it is over when the target has answered and not failed so for a minute, and may begin anew', () => {
  const { lines, seen, clock } = setUp();
  seen('a', 'http_503');
  clock.now = 30_000;
  seen('a', 'http_503');
  clock.now = 80_000;
  seen('a', 'ok');
  expect(lines).toHaveLength(1);
  clock.now = 90_000;
  seen('b', 'ok');
  expect(lines).toHaveLength(1);
  seen('a', 'ok');
  seen('a', 'ok');
  seen('a', 'http_503');
  expect(lines.slice(1)).toEqual([
    'info probes_recovered a http_503 2',
    'warn probes_failing a http_503 why',
  ]);
});

test('a target that is configured no more is forgotten', () => {
  const { log, lines, seen } = setUp();
  seen('a', 'timeout');
  log.keepTargets(new Set(['b']));
  seen('a', 'timeout');
  expect(lines).toEqual(['warn probes_failing a timeout why', 'warn probes_failing a timeout why']);
});
