import fc from 'fast-check';
import { classifyNetworkError, EndpointFileError, oneLine } from './network-error';

const nodeError = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code} happened`), { code, ...more });

describe('classifyNetworkError', () => {
  test.each([
    [
      nodeError('ENOTFOUND', { hostname: 'nope.demo' }),
      'dns_error',
      'no address is known for "nope.demo"; is the name right and the service there?',
    ],
    [
      nodeError('EAI_AGAIN', { hostname: 'vllm' }),
      'dns_error',
      'the name server gave no answer about "vllm" (EAI_AGAIN)',
    ],
    [
      nodeError('ECONNREFUSED', { address: '::1', port: 80 }),
      'connect_error',
      'connection refused by [::1]:80: nothing listens there',
    ],
    [
      nodeError('EHOSTUNREACH', { address: '10.0.0.1', port: 80 }),
      'connect_error',
      'there is no way to 10.0.0.1:80 through the network',
    ],
    [
      nodeError('ETIMEDOUT', { syscall: 'connect', address: '10.0.0.1', port: 80 }),
      'connect_error',
      'no connection to 10.0.0.1:80 in time; a firewall or network policy may swallow it',
    ],
    [nodeError('ETIMEDOUT', { syscall: 'read' }), 'cut', 'the server went silent'],
    [nodeError('EMFILE'), 'connect_error', 'too many open files in this process; raise `ulimit -n`'],
    [
      nodeError('EPROTO', { message: 'write EPROTO 80AC:error:0A00010B:SSL routines:wrong version number' }),
      'tls_error',
      'the server does not speak TLS on this port; the url must start with http://, or the port is wrong',
    ],
    [
      nodeError('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', { reason: 'sslv3 alert handshake failure' }),
      'tls_error',
      'TLS failed: sslv3 alert handshake failure (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)',
    ],
    [nodeError('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 'no answer in time'],
    [new DOMException('aborted', 'TimeoutError'), 'timeout', 'no complete answer in time'],
    [
      new EndpointFileError('the token file /t is empty', 'connect_error'),
      'connect_error',
      'the token file /t is empty',
    ],
    [
      new AggregateError([nodeError('ECONNREFUSED', { address: '127.0.0.1', port: 1 })]),
      'connect_error',
      'connection refused by 127.0.0.1:1: nothing listens there',
    ],
    [
      new TypeError('fetch failed', { cause: nodeError('CERT_HAS_EXPIRED') }),
      'tls_error',
      'the certificate has expired; it must be renewed',
    ],
    ['a string', 'cut', 'error : a string'],
    [undefined, 'cut', 'error : undefined'],
  ])('%p is %s', (error, failure, text) => {
    expect(classifyNetworkError(error)).toEqual({ failure, text });
  });

  test('whatever is thrown becomes a value of one line', () => {
    const thrown = fc.oneof(
      fc.anything(),
      fc.record(
        { code: fc.anything(), message: fc.string(), errors: fc.array(fc.anything()), cause: fc.anything() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(thrown, (error) => {
        const { failure, text } = classifyNetworkError(error);
        expect(['dns_error', 'connect_error', 'tls_error', 'timeout', 'cut']).toContain(failure);
        expect(text).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

test('text from outside is shortened and loses its control characters', () => {
  expect(oneLine('a\r\n\u001b[31mb')).toBe('a [31mb');
  expect(oneLine('x'.repeat(400))).toHaveLength(300);
});
