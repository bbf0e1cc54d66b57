import { candidates } from '../../exporter/src/discovery/dns';
import { createDiscovery } from '../../exporter/src/discovery/discover';
import { serveDns, type DnsServer } from './dns-server';

const CLUSTER =
  'search monitoring.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';
let server: DnsServer;

beforeEach(async () => {
  server = await serveDns();
});
afterEach(() => server.close());

function list(
  host: string,
  { resolvConf = '', scheme = 'http' as 'http' | 'https', signal = new AbortController().signal } = {},
) {
  const discovery = createDiscovery(
    { kind: 'dns', host, port: 8000, scheme, path: '/metrics' },
    {
      dns: {
        servers: [server.address],
        resolvConf: () => Promise.resolve(resolvConf),
        hostsFile: (name) =>
          name === 'in-hosts' ? Promise.resolve(['10.1.1.1']) : Promise.reject(new Error('ENOTFOUND')),
      },
    },
  );
  return discovery.list(signal);
}

async function names(host: string, options = {}) {
  const listing = await list(host, options);
  if (!listing.ok) throw new Error(listing.detail);
  return listing.endpoints.map(({ name }) => name);
}

test('every A and AAAA record is a page; IPv6 addresses stand in brackets', async () => {
  server.records.set('qwen.test', ['10.0.0.2', '10.0.0.1', 'fd00::7']);
  expect(await list('qwen.test', { scheme: 'https' })).toEqual({
    ok: true,
    note: null,
    endpoints: [
      {
        name: '10.0.0.1:8000',
        url: 'https://10.0.0.1:8000/metrics',
        ready: true,
        host: '10.0.0.1',
        pod: null,
        namespace: null,
      },
      {
        name: '10.0.0.2:8000',
        url: 'https://10.0.0.2:8000/metrics',
        ready: true,
        host: '10.0.0.2',
        pod: null,
        namespace: null,
      },
      {
        name: '[fd00::7]:8000',
        url: 'https://[fd00::7]:8000/metrics',
        ready: true,
        host: 'fd00::7',
        pod: null,
        namespace: null,
      },
    ],
  });
  expect([...server.questions].sort()).toEqual(['A qwen.test', 'AAAA qwen.test']);
});

test('a changed answer is seen at the next listing', async () => {
  server.records.set('qwen.test', ['10.0.0.1']);
  expect(await names('qwen.test')).toEqual(['10.0.0.1:8000']);
  server.records.set('qwen.test', ['10.0.0.8', '10.0.0.9']);
  expect(await names('qwen.test')).toEqual(['10.0.0.8:8000', '10.0.0.9:8000']);
});

test('a name that does not exist, and one without addresses, are an empty list with a reason', async () => {
  const empty = {
    ok: true,
    endpoints: [],
    note: 'no address is known for "gone.test"; a headless service without ready pods looks like that',
  };
  expect(await list('gone.test')).toEqual(empty);
  server.records.set('gone.test', []);
  expect(await list('gone.test')).toEqual(empty);
});

test.each([
  [2, 'the name server gave no answer about "qwen.test" (ESERVFAIL)'],
  [5, 'the name server gave no answer about "qwen.test" (EREFUSED)'],
] as const)('a name server that answers with error %d is a failure', async (code, detail) => {
  server.records.set('qwen.test', code);
  expect(await list('qwen.test')).toEqual({ ok: false, reason: 'dns_error', detail });
});

test('a name server that is silent is given up with the caller', async () => {
  server.records.set('qwen.test', 'silence');
  const stop = new AbortController();
  const listing = list('qwen.test', { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  expect(await listing).toEqual({
    ok: false,
    reason: 'timeout',
    detail: 'the name servers did not answer about "qwen.test" in time',
  });
});

test('short names of a cluster are found through the search list', async () => {
  server.records.set('qwen.demo-llm.svc.cluster.local', ['10.0.0.1']);
  expect(await names('qwen.demo-llm.svc', { resolvConf: CLUSTER })).toEqual(['10.0.0.1:8000']);
  expect(server.questions.filter((question) => question.startsWith('A '))).toEqual([
    'A qwen.demo-llm.svc.monitoring.svc.cluster.local',
    'A qwen.demo-llm.svc.svc.cluster.local',
    'A qwen.demo-llm.svc.cluster.local',
  ]);
});

test('an address needs no name server, and /etc/hosts is the last resort', async () => {
  expect(await names('127.0.0.1')).toEqual(['127.0.0.1:8000']);
  expect(server.questions).toEqual([]);
  expect(await names('in-hosts')).toEqual(['10.1.1.1:8000']);
});

test('names are tried in the order of resolv.conf', () => {
  expect(candidates('a.b', CLUSTER)).toEqual([
    'a.b.monitoring.svc.cluster.local',
    'a.b.svc.cluster.local',
    'a.b.cluster.local',
    'a.b',
  ]);
  expect(candidates('a.b', 'search x.\n')).toEqual(['a.b', 'a.b.x']);
  expect(candidates('a.b.', CLUSTER)).toEqual(['a.b.']);
  expect(candidates('a', 'nameserver 1.1.1.1')).toEqual(['a']);
});
