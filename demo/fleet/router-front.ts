import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpHost, reply } from './http-host';

/** The listening side of a router, with the faults that a router can have. */
export class RouterFront {
  readonly host: HttpHost;
  private refusal: number | null = null;
  private held: (() => void)[] | null = null;

  constructor(
    host: string,
    private readonly handle: (request: IncomingMessage, response: ServerResponse) => void,
  ) {
    this.host = new HttpHost(host, (request, response) => this.receive(request, response));
  }

  hang(): void {
    this.held ??= [];
  }

  refuse(status: number): void {
    this.refusal = status;
  }

  async kill(): Promise<void> {
    this.held = null;
    await this.host.kill();
  }

  async clear(): Promise<void> {
    this.refusal = null;
    const held = this.held ?? [];
    this.held = null;
    for (const proceed of held) proceed();
    await this.host.open();
  }

  faults(): string[] {
    return [
      ...(this.host.listening ? [] : ['kill']),
      ...(this.held === null ? [] : ['hang']),
      ...(this.refusal === null ? [] : [String(this.refusal)]),
    ];
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    if (this.held !== null) {
      this.held.push(() => {
        if (!request.destroyed) this.receive(request, response);
      });
    } else if (this.refusal !== null) {
      request.resume();
      reply(response, this.refusal, this.refusal === 503 ? 'no healthy upstream' : '', {
        'content-type': 'text/plain',
      });
    } else {
      this.handle(request, response);
    }
  }
}
