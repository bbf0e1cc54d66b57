import { createLogger, formatEvent } from './log';

const TIME = new Date('2026-11-25T10:00:00.000Z');

test('logfmt quotes what is not a plain word, so that one event is one line', () => {
  const fields = {
    url: 'http://a:8000/v1',
    detail: 'no "ok"\nhere',
    empty: '',
    count: 3,
    none: null,
    left: undefined,
  };
  expect(formatEvent('logfmt', TIME, 'warn', 'target_down', fields)).toBe(
    'time=2026-11-25T10:00:00.000Z level=warn event=target_down url=http://a:8000/v1 detail="no \\"ok\\"\\nhere" empty="" count=3 none=null',
  );
});

test('JSON is one object a line, without fields that are undefined', () => {
  const line = formatEvent('json', TIME, 'info', 'listening', { port: 9108, host: undefined, ok: true });
  expect(JSON.parse(line)).toEqual({
    time: '2026-11-25T10:00:00.000Z',
    level: 'info',
    event: 'listening',
    port: 9108,
    ok: true,
  });
});

test.each([
  ['debug', ['d', 'i', 'w', 'e']],
  ['info', ['i', 'w', 'e']],
  ['warn', ['w', 'e']],
  ['error', ['e']],
] as const)('level %s writes %j', (level, expected) => {
  const events: string[] = [];
  const log = createLogger({ level, format: 'json' }, (line) =>
    events.push((JSON.parse(line) as { event: string }).event),
  );
  log.debug('d');
  log.info('i');
  log.warn('w');
  log.error('e');
  expect(events).toEqual(expected);
});
