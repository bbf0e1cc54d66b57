import dgram from 'node:dgram';
import { isIPv4 } from 'node:net';

/** What is answered about a name: its addresses, or a DNS error code (2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED), or silence. */
export type DnsAnswer = string[] | 2 | 3 | 5 | 'silence';

export interface DnsServer {
  /** As `setServers` wants it. */
  address: string;
  /** Names not in here do not exist. */
  records: Map<string, DnsAnswer>;
  /** `A name` or `AAAA name`, as asked. */
  questions: string[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA' };

/** A name server over UDP that knows just A and AAAA (RFC 1035, 3596). */
export async function serveDns(): Promise<DnsServer> {
  const socket = dgram.createSocket('udp4');
  const records = new Map<string, DnsAnswer>();
  const questions: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, end } = question(query);
    questions.push(`${TYPES[type] ?? type} ${name}`);
    const answer = records.get(name) ?? 3;
    if (answer === 'silence') return;
    socket.send(reply(query.subarray(0, end), type, answer), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    questions,
    close: () => new Promise((done) => socket.close(() => done())),
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    const length = query.readUInt8(at);
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(head: Buffer, type: number, answer: string[] | number): Buffer {
  const addresses = Array.isArray(answer) ? answer.filter((address) => isIPv4(address) === (type === 1)) : [];
  const message = Buffer.from(head);
  message.writeUInt16BE(0x8180 | (Array.isArray(answer) ? 0 : answer), 2);
  message.writeUInt16BE(addresses.length, 6);
  message.writeUInt32BE(0, 8);
  const resources = addresses.map((address) => {
    const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
    const resource = Buffer.alloc(12);
    resource.writeUInt16BE(0xc00c, 0);
    resource.writeUInt16BE(type, 2);
    resource.writeUInt16BE(1, 4);
    resource.writeUInt32BE(1, 6);
    resource.writeUInt16BE(data.length, 10);
    return Buffer.concat([resource, data]);
  });
  return Buffer.concat([message, ...resources]);
}

function ipv6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [a, b] = [groups(left), groups(right)];
  const all = [...a, ...Array.from({ length: 8 - a.length - b.length }, () => '0'), ...b];
  const bytes = Buffer.alloc(16);
  all.forEach((group, index) => bytes.writeUInt16BE(parseInt(group, 16), index * 2));
  return bytes;
}
