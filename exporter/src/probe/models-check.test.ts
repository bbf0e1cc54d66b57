import type { Page } from '../http/fetch-page';
import { presence } from './models-check';

const list = (body: unknown): Page => ({
  ok: true,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  content_type: 'application/json',
  status: 200,
});
const status = (code: number): Page => ({
  ok: false,
  reason: 'http_status',
  detail: `answered ${code}`,
  status: code,
});

it.each<[string, Page, string | null, object]>([
  ['lists a model', list({ data: [{ id: 'qwen' }, { id: 'other' }] }), null, { up: true, model: 'qwen' }],
  [
    'lists a model, another is configured',
    list({ data: [{ id: 'qwen' }] }),
    'mine',
    { up: true, model: 'mine' },
  ],
  ['lists none', list({ data: [] }), null, { up: false, reason: 'no_model' }],
  ['lists nonsense', list('<html>'), null, { up: false, reason: 'no_model' }],
  ['lists null', list('null'), null, { up: false, reason: 'no_model' }],
  ['has no ready replica', status(503), 'mine', { up: false, reason: 'no_ready_replica' }],
  ['knows no pod', status(500), null, { up: false, reason: 'no_ready_replica' }],
  ['serves no list, the model is configured', status(404), 'mine', { up: true, model: 'mine' }],
  ['serves no list, no model is configured', status(404), null, { up: false, reason: 'refused' }],
  ['refuses us', status(401), null, { up: false, reason: 'refused' }],
  [
    'is not there',
    { ok: false, reason: 'connect_error', detail: 'connection refused' },
    'mine',
    { up: false, reason: 'unreachable', text: 'connection refused' },
  ],
])('a target that %s', (_, page, configured, expected) => {
  expect(presence(page, configured)).toMatchObject(expected);
});
