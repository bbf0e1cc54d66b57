import { judge, type Evidence } from './outcome';

const FINE: Evidence = {
  sent: true,
  status: 200,
  content_type: 'text/event-stream; charset=utf-8',
  end: 'complete',
  failure: null,
  problem: null,
  message: null,
  events: 5,
  bytes: 900,
  tokens: true,
  finished: true,
};
const unanswered = { status: null, content_type: null, events: 0, bytes: 0, tokens: false, finished: false };
const network = (reason: NonNullable<Evidence['failure']>['reason'], text: string) =>
  ({ end: 'network', failure: { reason, text } }) as const;

const CASES: [string, Partial<Evidence>, string, string | null][] = [
  ['a whole answer', {}, 'ok', null],
  ['an answer with finish_reason but a broken end', network('cut', 'reset'), 'ok', null],
  [
    'refused connection',
    { ...unanswered, sent: false, ...network('connect_error', 'refused') },
    'connect_error',
    'refused',
  ],
  [
    'unknown host',
    { ...unanswered, sent: false, ...network('dns_error', 'no address') },
    'connect_error',
    'no address',
  ],
  [
    'no connection in time',
    { ...unanswered, sent: false, end: 'timeout', failure: { reason: 'timeout', text: 'late' } },
    'connect_error',
    'late',
  ],
  [
    'wrong certificate',
    { ...unanswered, sent: false, ...network('tls_error', 'expired') },
    'tls_error',
    'expired',
  ],
  [
    'client certificate refused after the handshake',
    { ...unanswered, ...network('tls_error', 'alert') },
    'tls_error',
    'alert',
  ],
  [
    'silence',
    { ...unanswered, end: 'timeout', failure: { reason: 'timeout', text: 'late' } },
    'timeout',
    'late',
  ],
  ['reset before the answer', { ...unanswered, ...network('cut', 'reset') }, 'stream_cut', 'reset'],
  ['not HTTP', { ...unanswered, ...network('not_http', 'not HTTP') }, 'bad_stream', 'not HTTP'],
  ['400', { status: 400, message: 'too long' }, 'http_4xx', 'HTTP 400: too long'],
  ['404', { status: 404, message: null }, 'http_4xx', 'HTTP 404'],
  ['429', { status: 429 }, 'http_429', 'HTTP 429'],
  ['500', { status: 500 }, 'http_5xx', 'HTTP 500'],
  ['502', { status: 502 }, 'http_5xx', 'HTTP 502'],
  ['503', { status: 503, message: 'no healthy upstream' }, 'http_503', 'HTTP 503: no healthy upstream'],
  ['a redirect', { status: 307 }, 'bad_stream', 'HTTP 307 instead of an answer'],
  [
    'JSON instead of a stream',
    { content_type: 'application/json', events: 0 },
    'bad_stream',
    'answered application/json, not an event stream',
  ],
  [
    'error event before any token',
    { tokens: false, problem: { kind: 'error_event', text: 'engine died' } },
    'bad_stream',
    'the server broke the answer off: engine died',
  ],
  [
    'error event after tokens',
    { problem: { kind: 'error_event', text: 'engine died' } },
    'stream_cut',
    'the server broke the answer off: engine died',
  ],
  ['garbage', { problem: { kind: 'not_json', text: 'not JSON' } }, 'bad_stream', 'not JSON'],
  [
    'cut in the middle',
    { finished: false, ...network('cut', 'other side closed') },
    'stream_cut',
    'other side closed',
  ],
  [
    'ended in the middle',
    { finished: false },
    'stream_cut',
    'ended without finish_reason and without [DONE]',
  ],
  [
    'silence in the middle',
    { finished: false, end: 'timeout', failure: { reason: 'timeout', text: 'no byte for 3 s' } },
    'timeout',
    'no byte for 3 s',
  ],
  ['finished without a token', { tokens: false }, 'empty', 'no token in it'],
  ['0 bytes', { tokens: false, finished: false, events: 0, bytes: 0 }, 'empty', 'an answer of 0 bytes'],
  [
    'bytes without an event',
    { tokens: false, finished: false, events: 0 },
    'bad_stream',
    'no server-sent event in it',
  ],
];

it.each(CASES)('%s is judged', (_, change, outcome, text) => {
  expect(judge({ ...FINE, ...change })).toEqual({ outcome, text });
});
