import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';

export function fixture(name: string): string {
  return readFileSync(join(__dirname, '../fixtures/fleet', name), 'utf8');
}

export async function get(url: string): Promise<{ status: number; type: string; text: string }> {
  const answer = await request(url, { headersTimeout: 10_000 });
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type'] ?? ''),
    text: await answer.body.text(),
  };
}

export async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.statusCode, json: await answer.body.json() };
}

/** Sum of a family's samples on a page; labels given as text must all be on the line. */
export function total(page: string, name: string, ...labels: string[]): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** The sum of a family over the pages of several replicas. */
export async function fleetTotal(replicas: readonly { url: string }[], name: string): Promise<number> {
  const pages = await Promise.all(replicas.map((replica) => get(`${replica.url}/metrics`)));
  return pages.reduce((sum, page) => sum + total(page.text, name), 0);
}

/** What a page is made of, values aside: its HELP and TYPE lines and every series without its value. */
export function shape(page: string): { headers: string[]; series: string[] } {
  const lines = page.split('\n').filter((line) => line !== '');
  return {
    headers: lines.filter((line) => line.startsWith('#')),
    series: lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' '))),
  };
}
