import { fork, spawn, type ChildProcess } from 'node:child_process';
import { get } from 'node:http';

/** How an inner process of ours is started: `fork(entry, args)` for the bundle. */
export type Start = (args: string[]) => ChildProcess;

export const startBundle =
  (entry: string): Start =>
  (args) =>
    fork(entry, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

/** As above for scripts that are not the bundle (benches). */
export const startScript =
  (script: string): Start =>
  (args) =>
    spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

/** The first message of a process; rejects when it ends without one. */
export function firstMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`an inner process ended with code ${code} and no result`)));
  });
}

function getJson(port: number, path: string): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(JSON.parse(text) as Record<string, number>));
    });
    request.on('error', reject);
  });
}

/**
 * Errors of one client: reported - true TTFT in ms, one per request. Client and stamping server are processes of their own,
 * so that neither waits for the other's event loop, or for ours.
 */
export async function measureArm(
  start: Start,
  arm: string,
  port: number,
  streams: number,
  seconds: number,
): Promise<number[]> {
  const args = ['selftest-arm', arm, String(port), String(streams), String(seconds)];
  const reported = await firstMessage<Record<string, number>>(start(args));
  const stamps = await getJson(port, '/stamps');
  return Object.entries(reported).flatMap(([id, ttft]) => {
    const truth = stamps[id];
    return truth === undefined ? [] : [ttft - truth];
  });
}
