import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoints } from './endpoints';
import { reply } from './http-host';
import { forward } from './proxy';
import { RouterFront } from './router-front';

/** A plain Service: each request goes to the next listed replica, whatever it holds and however busy it is. */
export class RoundRobinRouter {
  readonly front: RouterFront;
  private turn = 0;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly hostName: string,
  ) {
    this.front = new RouterFront(hostName, (request, response) => this.route(request, response));
  }

  private route(request: IncomingMessage, response: ServerResponse): void {
    const ready = this.endpoints.ready();
    const chosen = ready[this.turn % Math.max(1, ready.length)];
    if (chosen === undefined) {
      request.resume();
      reply(response, 503, 'no healthy upstream', { 'content-type': 'text/plain' });
      return;
    }
    this.turn++;
    forward(request, response, { host: this.hostName, port: chosen.port, body: null, headers: {} });
  }
}
