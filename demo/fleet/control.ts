import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpHost, readBody, replyJson } from './http-host';
import type { Replica } from './replica';
import type { RouterFront } from './router-front';

export const FAULTS = [
  'kill',
  'hang',
  '503',
  '429',
  '500',
  'cut',
  'slow',
  'lose-cache',
  'garbage-metrics',
  'restart',
  'clear',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultCommand {
  fleet: 'baseline' | 'candidate' | 'all';
  /** A name, a number from 0, `all`, or `router`. */
  replica: string;
  fault: Fault;
  /** How many times slower, or after how many tokens a stream is cut. */
  factor: number;
  /** After so long the fault is cleared by itself; with `restart`: how long it is away. */
  seconds: number | null;
}

export interface Fleet {
  name: 'baseline' | 'candidate';
  replicas: readonly Replica[];
  router: RouterFront;
}

const DEFAULT_FACTOR = 4;
const DEFAULT_RESTART_SECONDS = 3;
const MAX_SECONDS = 86_400;

/** Reads a command; a string says what is wrong with it. */
export function parseFault(text: string): FaultCommand | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'the body is not JSON';
  }
  if (typeof json !== 'object' || json === null) return 'the body must be an object';
  const {
    fleet = 'all',
    replica = 'all',
    fault,
    factor = DEFAULT_FACTOR,
    seconds = null,
  } = json as Record<string, unknown>;
  if (fleet !== 'baseline' && fleet !== 'candidate' && fleet !== 'all') {
    return 'fleet must be baseline, candidate or all';
  }
  const known = FAULTS.find((name) => name === String(fault));
  if (known === undefined) return `fault must be one of ${FAULTS.join(', ')}`;
  if (typeof replica !== 'string' && typeof replica !== 'number')
    return 'replica must be a name, a number, all or router';
  if (typeof factor !== 'number' || !(factor > 0)) return 'factor must be a number above 0';
  if (seconds !== null && (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MAX_SECONDS))) {
    return `seconds must be between 0 and ${MAX_SECONDS}`;
  }
  return { fleet, replica: String(replica), fault: known, factor, seconds };
}

type Subject = { kind: 'replica'; replica: Replica } | { kind: 'router'; router: RouterFront };

async function applyToReplica(replica: Replica, { fault, factor, seconds }: FaultCommand): Promise<void> {
  switch (fault) {
    case 'kill':
      return replica.kill();
    case 'hang':
      return replica.hang();
    case '503':
    case '429':
    case '500':
      return replica.refuse(Number(fault) as 429 | 500 | 503);
    case 'cut':
      return replica.cut(factor);
    case 'slow':
      return replica.slow(factor);
    case 'lose-cache':
      return replica.loseCache();
    case 'garbage-metrics':
      return replica.garbleMetrics();
    case 'restart':
      return replica.restart(seconds ?? DEFAULT_RESTART_SECONDS);
    case 'clear':
      return replica.clear();
  }
}

/** @returns false where a router cannot have that fault. */
async function applyToRouter(router: RouterFront, { fault }: FaultCommand): Promise<boolean> {
  switch (fault) {
    case 'kill':
      await router.kill();
      return true;
    case 'hang':
      router.hang();
      return true;
    case '503':
    case '429':
    case '500':
      router.refuse(Number(fault));
      return true;
    case 'clear':
      await router.clear();
      return true;
    case 'cut':
    case 'slow':
    case 'lose-cache':
    case 'garbage-metrics':
    case 'restart':
      return false;
  }
}

/** `POST /fault`, `GET /state` and `GET /requests`. */
export class Control {
  readonly host: HttpHost;
  private readonly pending = new Set<NodeJS.Timeout>();

  constructor(
    host: string,
    private readonly fleets: readonly Fleet[],
  ) {
    this.host = new HttpHost(host, (request, response) => void this.receive(request, response));
  }

  async stop(): Promise<void> {
    for (const timer of this.pending) clearTimeout(timer);
    await this.host.kill();
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method === 'GET' && path === '/state') {
      request.resume();
      return replyJson(response, 200, this.state());
    }
    if (request.method === 'GET' && path === '/requests') {
      request.resume();
      const replicas = this.fleets.flatMap((fleet) => fleet.replicas);
      return replyJson(
        response,
        200,
        replicas.flatMap(({ log }) => log.entries),
      );
    }
    if (request.method !== 'POST' || path !== '/fault') {
      request.resume();
      return replyJson(response, 404, { error: 'there is POST /fault, GET /state and GET /requests' });
    }
    const body = await readBody(request, 65_536);
    const command = body === null ? 'the body is too long' : parseFault(body.toString('utf8'));
    const applied = typeof command === 'string' ? command : await this.apply(command);
    if (typeof applied === 'string') return replyJson(response, 400, { error: applied });
    return replyJson(response, 200, { applied });
  }

  /** Names of what it was applied to, or why it cannot be. */
  private async apply(command: FaultCommand): Promise<string[] | string> {
    const subjects = this.subjects(command);
    if (subjects.length === 0) return `no replica ${command.replica} in fleet ${command.fleet}`;
    for (const { subject } of subjects) {
      if (subject.kind === 'replica') await applyToReplica(subject.replica, command);
      else if (!(await applyToRouter(subject.router, command)))
        return `a router cannot have the fault ${command.fault}`;
    }
    const { seconds, fault } = command;
    if (seconds !== null && fault !== 'restart' && fault !== 'clear') this.clearLater(subjects, seconds);
    return subjects.map(({ name }) => name);
  }

  private clearLater(subjects: readonly { subject: Subject }[], seconds: number): void {
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      for (const { subject } of subjects) {
        const cleared = subject.kind === 'replica' ? subject.replica.clear() : subject.router.clear();
        // The port may be taken meanwhile; then it stays away, which `/state` tells.
        void cleared.catch(() => undefined);
      }
    }, seconds * 1000);
    this.pending.add(timer);
  }

  private subjects(command: FaultCommand): { name: string; subject: Subject }[] {
    const fleets = this.fleets.filter(({ name }) => command.fleet === 'all' || command.fleet === name);
    return fleets.flatMap((fleet): { name: string; subject: Subject }[] => {
      if (command.replica === 'router') {
        return [{ name: `${fleet.name}/router`, subject: { kind: 'router', router: fleet.router } }];
      }
      return fleet.replicas
        .filter((replica, i) => ['all', replica.name, String(i)].includes(command.replica))
        .map((replica) => ({ name: replica.name, subject: { kind: 'replica', replica } }));
    });
  }

  private state(): Record<string, unknown> {
    return Object.fromEntries(
      this.fleets.map((fleet) => [
        fleet.name,
        {
          router: { up: fleet.router.host.listening, faults: fleet.router.faults() },
          replicas: fleet.replicas.map((replica) => replica.state()),
        },
      ]),
    );
  }
}
