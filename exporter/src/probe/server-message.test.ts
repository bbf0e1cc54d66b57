import { publicText, refusedParameter, serverMessage } from './server-message';

it.each([
  [
    'OpenAI and vLLM',
    '{"error":{"message":"The model `x` does not exist.","param":"model"}}',
    'The model `x` does not exist.',
  ],
  ['older vLLM', '{"object":"error","message":"bad request"}', 'bad request'],
  ['a plain error string', '{"error":"not ready"}', 'not ready'],
  ['FastAPI', '{"detail":"Not Found"}', 'Not Found'],
  [
    'FastAPI validation, without the input it repeats',
    '{"detail":[{"loc":["body","x"],"msg":"extra","input":"secret"}]}',
    'body.x extra',
  ],
  ['Envoy', ' upstream connect error\nor reset\n', 'upstream connect error\nor reset'],
  ['an HTML page', '<html><body>502</body></html>', null],
  ['cut JSON', '{"error":{"mess', null],
  ['nothing', '', null],
  ['a number', '3', '3'],
])('the message of %s is found', (_, body, message) => {
  expect(serverMessage(body)).toBe(message);
});

it('the parameter that a refusal is about is found', () => {
  expect(refusedParameter('{"error":{"message":"m","param":"stream_options"}}')).toBe('stream_options');
  expect(refusedParameter('{"error":{"message":"m","param":null}}')).toBeNull();
  expect(refusedParameter('no')).toBeNull();
});

describe('text for people', () => {
  const sent = {
    prompt: 'The gradual river explains the northern market of each bridge.',
    secrets: ['sk-very-secret'],
  };

  it('is one line of at most 200 characters', () => {
    const text = publicText(`a\r\nb ${'x'.repeat(500)}`, sent);
    expect(text).toHaveLength(200);
    expect(text).toMatch(/^a b x+…$/);
  });

  it('holds no secret that we sent', () => {
    expect(publicText('invalid key sk-very-secret given', sent)).toBe('invalid key *** given');
  });

  it('does not quote the prompt, wherever the quotation begins', () => {
    for (let pad = 0; pad < 30; pad += 1) {
      const text = publicText(`Invalid input: ${'z'.repeat(pad)} ${sent.prompt}`, sent);
      expect(text).not.toMatch(/northern market|explains the/);
      expect(text).toContain('(the rest quotes the prompt)');
    }
    expect(publicText(`HTTP 400: bad value, ${sent.prompt}`, sent)).toBe(
      'HTTP 400: (the rest quotes the prompt)',
    );
  });

  it('recognises code with quotes and line breaks, repeated as sent or unescaped', () => {
    const code = 'if a == "b":\n\tc["d"]\n"e"\n';
    const prompt = JSON.stringify(`Look: ${code.repeat(3)}`);
    for (const echo of [code.repeat(2), JSON.stringify(code.repeat(2))]) {
      expect(publicText(`Bad input: ${echo}`, { ...sent, prompt })).not.toContain('a ==');
    }
  });

  it('may name what the prompt also contains in passing', () => {
    expect(publicText('no northern market here', sent)).toBe('no northern market here');
  });
});
