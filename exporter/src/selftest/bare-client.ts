import { Agent, request } from 'node:http';

/**
 * The yardstick: the least that a client in Node can do. Plain node:http, a connection per request as ours, timed from the
 * moment the connection stands, and a look for the first token in the text; what it gets wrong is the machine's doing.
 */
export function createBareClient(port: number) {
  const agent = new Agent({ keepAlive: false });
  return {
    /** Reported TTFT in ms; null when no token came. */
    stream(id: string): Promise<number | null> {
      return new Promise((resolve) => {
        let sent = 0;
        let ttft: number | null = null;
        const call = request(
          { agent, host: '127.0.0.1', port, method: 'POST', path: '/', headers: { 'x-request-id': id } },
          (response) => {
            response.setEncoding('utf8');
            response.on('data', (text: string) => {
              const now = performance.now();
              if (ttft === null && text.includes('"content":" tok"')) ttft = now - sent;
            });
            response.on('end', () => resolve(ttft));
            response.on('error', () => resolve(null));
          },
        );
        call.on('error', () => resolve(null));
        call.on('socket', (socket) => socket.on('connect', () => (sent = performance.now())));
        call.end('{"messages":[]}');
      });
    },
    close: () => agent.destroy(),
  };
}
