import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../exporter/src/http/endpoint';
import type { ProbeConfig } from '../../exporter/src/model/config';
import { History } from '../../exporter/src/probe/chat-body';
import { TargetSession } from '../../exporter/src/probe/target-session';
import { openTestEndpoint, probeConfig } from '../support/probe-setup';
import {
  answer,
  delta,
  event,
  openStream,
  refuse,
  startScriptedLlm,
  type Reply,
  type ScriptedLlm,
} from '../support/scripted-llm';

const PROMPT = 'The gradual river explains the northern market of each bridge.';
const NEVER = new AbortController().signal;

let llm: ScriptedLlm;
let endpoint: Endpoint;

beforeEach(async () => {
  llm = await startScriptedLlm(answer());
  endpoint = openTestEndpoint();
});
afterEach(async () => {
  await endpoint.close();
  await llm.close();
});

function session(config: ProbeConfig = probeConfig(), url = llm.url): TargetSession {
  const made = new TargetSession(url, endpoint, config, { onFieldDropped() {} });
  made.model = 'scripted';
  return made;
}

async function ask(reply: Reply, rest: Partial<ProbeConfig> = {}) {
  llm.reply = reply;
  const result = await session(probeConfig({}, rest)).ask(
    new History().with('user', PROMPT),
    'r/t/c/1',
    NEVER,
  );
  return result!;
}

describe('failures', () => {
  it.each<[string, Reply, string, string | RegExp, number | null]>([
    [
      '404',
      refuse(404, 'The model `x` does not exist.'),
      'http_4xx',
      'HTTP 404: The model `x` does not exist.',
      404,
    ],
    ['429', refuse(429, 'queue is full'), 'http_429', 'HTTP 429: queue is full', 429],
    [
      '503',
      refuse(503, 'no healthy upstream', { text: true }),
      'http_503',
      'HTTP 503: no healthy upstream',
      503,
    ],
    ['500', refuse(500, 'oops'), 'http_5xx', 'HTTP 500: oops', 500],
    [
      "llm-d's reason",
      (response) => response.writeHead(429, { 'x-llm-d-request-dropped-reason': 'rejected-saturated' }).end(),
      'http_429',
      'HTTP 429: (rejected-saturated)',
      429,
    ],
    [
      'an error that quotes the prompt',
      refuse(400, `bad input: ${PROMPT}`),
      'http_4xx',
      /^HTTP 400: .*\(the rest quotes the prompt\)$/,
      400,
    ],
    [
      'an error event after 200',
      (response) => {
        openStream(response);
        response.end(event({ error: { message: 'EngineCore died', code: 500 } }) + event('[DONE]'));
      },
      'bad_stream',
      'the server broke the answer off: EngineCore died',
      200,
    ],
    [
      'an error event in the middle',
      (response) => {
        openStream(response);
        response.write(delta({ content: 'x' }));
        response.end(event({ error: { message: 'EngineCore died' } }));
      },
      'stream_cut',
      'the server broke the answer off: EngineCore died',
      200,
    ],
    [
      'a connection cut in the middle',
      (response) => {
        openStream(response);
        response.write(delta({ content: 'x' }), () => response.destroy());
      },
      'stream_cut',
      /./,
      200,
    ],
    ['a connection cut before the answer', (response) => void response.destroy(), 'stream_cut', /./, null],
    [
      'an end without finish_reason and [DONE]',
      (response) => {
        openStream(response);
        response.end(delta({ content: 'x' }));
      },
      'stream_cut',
      'ended without finish_reason and without [DONE]',
      200,
    ],
    [
      'garbage events',
      (response) => {
        openStream(response);
        response.write(event('{"choices":[{"delta":'));
      },
      'bad_stream',
      'an event of the stream is not a JSON object',
      200,
    ],
    [
      'no event at all',
      (response) => {
        openStream(response);
        response.end('<html>hello</html>');
      },
      'bad_stream',
      'no server-sent event in it',
      200,
    ],
    [
      'an answer in one piece',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}'),
      'bad_stream',
      'answered application/json, not an event stream',
      200,
    ],
    [
      'an endless page',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        const more = () => void response.write('x'.repeat(4096), more);
        more();
        response.on('error', () => {});
      },
      'bad_stream',
      'answered text/html, not an event stream: ' + `${'x'.repeat(200)}`.slice(0, 158) + '…',
      200,
    ],
    [
      'an endless answer',
      (response) => {
        openStream(response);
        const more = () => void response.write(delta({ content: 'x' }), more);
        more();
        response.on('error', () => {});
      },
      'bad_stream',
      'the answer is longer than 1048576 bytes',
      200,
    ],
    [
      'an endless event',
      (response) => {
        openStream(response);
        response.write('data: ');
        const more = () => void response.write('x'.repeat(8192), more);
        more();
        response.on('error', () => {});
      },
      'bad_stream',
      /is longer than 1048576 (bytes|characters)$/,
      200,
    ],
    [
      'an empty answer',
      (response) => {
        openStream(response);
        response.end(delta({ role: 'assistant', content: '' }) + delta({}, 'stop') + event('[DONE]'));
      },
      'empty',
      'no token in it',
      200,
    ],
    [
      'no bytes',
      (response) => {
        openStream(response);
        response.end();
      },
      'empty',
      'an answer of 0 bytes',
      200,
    ],
  ])('%s', async (_, reply, outcome, error, status) => {
    const result = await ask(reply);
    expect(result).toMatchObject({ outcome, status });
    expect(result.error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
  });

  it('a hang before the headers ends at the timeout', async () => {
    const reply = await ask(() => {}, { timeout_seconds: 0.3 });
    expect(reply).toMatchObject({ outcome: 'timeout', error: 'not complete within 0.3 s', status: null });
    expect(reply.timeline.sent).not.toBeNull();
  });

  it('a hang in the middle ends at the idle timeout, and its TTFT is known', async () => {
    const hang: Reply = (response) => {
      openStream(response);
      response.write(delta({ content: 'x' }));
    };
    const reply = await ask(hang, { idle_timeout_seconds: 0.3 });
    expect(reply).toMatchObject({ outcome: 'timeout', error: 'no byte for 0.3 s', status: 200 });
    expect(reply.timeline.first_token).not.toBeNull();
  });

  it('waiting for the first byte after the headers is not idleness', async () => {
    const slow: Reply = (response) => {
      openStream(response);
      setTimeout(() => response.end(delta({ content: 'x' }, 'length') + event('[DONE]')), 500);
    };
    expect(await ask(slow, { idle_timeout_seconds: 0.1 })).toMatchObject({ outcome: 'ok' });
  });

  it('a slow drip that never pauses ends at the timeout', async () => {
    const drip: Reply = (response) => {
      openStream(response);
      const timer = setInterval(() => response.write(':\n'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const reply = await ask(drip, { timeout_seconds: 0.5 });
    expect(reply).toMatchObject({ outcome: 'timeout', error: 'not complete within 0.5 s' });
  });

  it('nobody listening is a connect_error', async () => {
    await llm.close();
    const reply = (await session().ask(new History().with('user', PROMPT), 'id', NEVER))!;
    expect(reply).toMatchObject({ outcome: 'connect_error', status: null });
    expect(reply.error).toMatch(/^connection refused/);
    expect(reply.timeline.sent).toBeNull();
  });

  it('what is not HTTP is a bad_stream', async () => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const reply = await session(probeConfig(), url).ask(new History(), 'id', NEVER);
    expect(reply).toMatchObject({
      outcome: 'bad_stream',
      error: 'the answer is not HTTP; is the port right?',
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('what the caller gives up is no result', async () => {
    llm.reply = () => {};
    const cut = new AbortController();
    const asked = session().ask(new History().with('user', PROMPT), 'id', cut.signal);
    setTimeout(() => cut.abort(), 50);
    expect(await asked).toBeNull();
    expect(await session().ask(new History(), 'id', AbortSignal.abort())).toBeNull();
  });
});
