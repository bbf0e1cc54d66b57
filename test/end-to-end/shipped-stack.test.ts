import {
  dashboardQueries,
  interpolate,
  needOf,
  type DashboardQuery,
  type Need,
} from '../support/dashboard-queries';
import { until } from '../support/until';
import { SELECTORS_NOT_HERE } from './not-here';
import { nodes, scaledRules, selectors, type Rule } from './scaled-rules';
import { FACTOR, SHIPPED_RULES, Stack, type ReceivedAlert } from './stack';

/**
 * The monitoring that is shipped, for real: the fleets, the exporter, Debian's Prometheus and Alertmanager, with the files of
 * provisioning/ and monitoring/rules in quick motion (`Stack` says what differs). Tests follow one another in time: all is
 * well, the candidate is slow, it is mended, it turns requests away.
 */

const stack = new Stack();
const WAIT_MS = 90_000;

beforeAll(async () => {
  await stack.start();
  await until(
    'half an hour in quick motion has the 368 requests of a P99',
    async () =>
      (await stack.prometheus.instant('count(target_turn:taillight_probe_ttft_seconds:p99_30m)'))[0],
    WAIT_MS,
  );
}, WAIT_MS + 60_000);

afterAll(() => stack.stop());

const rules: Rule[] = Object.values(SHIPPED_RULES).flatMap(({ groups }) =>
  groups.flatMap((group) => group.rules),
);
const records = [...new Set(rules.flatMap(({ record }) => record ?? []))];

/**
 * Expressions that have no data though they have had some patience, but for the known ones; and known ones that nobody asks
 * for any more.
 */
async function withoutData(
  expressions: readonly string[],
  known: Record<string, string> = {},
): Promise<string[]> {
  const empty = async () => {
    const found: string[] = [];
    for (const expr of expressions) {
      if (!(expr in known) && (await stack.prometheus.instant(expr)).length === 0) found.push(expr);
    }
    return found;
  };
  await until('all have data', async () => (await empty()).length === 0, 20_000).catch(() => undefined);
  const idle = Object.keys(known).filter((expr) => !expressions.includes(expr));
  return [...(await empty()), ...idle];
}

/** Names of the queries of a dashboard that have no answer. */
async function unanswered(queries: readonly DashboardQuery[]): Promise<string[]> {
  const [first] = stack.fleet.candidate.replicas;
  const choices = {
    baseline: 'vllm',
    candidate: 'llm-d',
    turn: 'all',
    target: 'llm-d',
    replica: first?.name ?? '',
  };
  const found: string[] = [];
  for (const { name, expr, step, label, instant } of queries) {
    const text = interpolate(expr, choices, step);
    if (label !== null) {
      if ((await stack.prometheus.labelValues(label, text)).length === 0) found.push(name);
      continue;
    }
    const answers = await (instant ? stack.prometheus.instant(text) : stack.prometheus.range(text, 60, 5));
    if (!answers.some(({ values }) => values.some(Number.isFinite))) found.push(name);
  }
  return found;
}

const allAnswered = async (queries: readonly DashboardQuery[]) => (await unanswered(queries)).length === 0;

/** Waits until an alert fires, and gives everything that fires at that moment. */
function firingOnce(alert: string): Promise<string[]> {
  return until(
    `${alert} fires`,
    async () => {
      const firing = await stack.firing();
      return firing.includes(alert) ? firing : null;
    },
    WAIT_MS,
  );
}

function received(alert: string): Promise<ReceivedAlert> {
  return until(`Alertmanager has received ${alert}`, async () =>
    (await stack.received()).find(({ labels }) => `${labels['alertname']} ${labels['target']}` === alert),
  );
}

describe('the rules in quick motion are the shipped rules', () => {
  test('names, labels, texts and order are the same, and so is every expression but for its durations', () => {
    const blank = (expr: string) =>
      nodes(expr, 'NumberDurationLiteralInDurationContext')
        .reverse()
        .reduce((text, { from, to }) => `${text.slice(0, from)}_${text.slice(to)}`, expr);
    const shape = ({ expr, for: lasting, ...rest }: Rule) => ({
      ...rest,
      expr: blank(expr),
      lasting: lasting !== undefined,
    });
    for (const file of Object.values(SHIPPED_RULES)) {
      const quick = scaledRules(file, FACTOR);
      expect(quick.groups.map((group) => group.rules.map(shape))).toEqual(
        file.groups.map((group) => group.rules.map(shape)),
      );
    }
  });

  test('a quarter of an hour is 22.5 s, wherever a duration may stand', () => {
    const [rule] = scaledRules(
      {
        groups: [
          {
            name: 'a',
            rules: [{ alert: 'A', expr: 'rate(x_rate10m[15m]) > x offset 1h30m + 300', for: '15m' }],
          },
        ],
      },
      40,
    ).groups[0]!.rules;
    expect(rule).toEqual({
      alert: 'A',
      expr: 'rate(x_rate10m[22500ms]) > x offset 135000ms + 300',
      for: '22500ms',
    });
  });
});

describe('while all is well', () => {
  test('every page of the shipped jobs is scraped', async () => {
    const up = await stack.prometheus.instant('sum by (job) (up)');
    // Grafana is not part of this set-up.
    expect(Object.fromEntries(up.map(({ labels, values }) => [labels['job'], values[0]]))).toEqual({
      taillight: 1,
      prometheus: 1,
      alertmanager: 1,
      grafana: 0,
      vllm: 8,
      epp: 1,
    });
  });

  test('every recording rule records', async () => {
    expect(await withoutData(records)).toEqual([]);
  });

  test('everything that a rule looks at is there, but for what only a failure brings', async () => {
    const all = [...new Set(rules.flatMap(({ expr }) => selectors(expr)))];
    expect(all.length).toBeGreaterThan(60);
    expect(await withoutData(all, SELECTORS_NOT_HERE)).toEqual([]);
  });

  test('every query of the dashboards has data, but for what a bounded run, a firing alert or a busy exporter brings', async () => {
    const notHere: (Need | null)[] = [
      'a bounded run',
      'a firing alert',
      'a value that no page tells',
      'skipped conversations',
    ];
    const queries = dashboardQueries().filter((query) => !notHere.includes(needOf(query)));
    expect(queries.length).toBeGreaterThan(150);
    await until('all have data', () => allAnswered(queries), 20_000).catch(() => undefined);
    expect(await unanswered(queries)).toEqual([]);
  }, 60_000);

  test('no alert fires, and Alertmanager holds none', async () => {
    expect(await stack.firing()).toEqual([]);
    expect(await stack.received()).toEqual([]);
  });
});

describe('when the candidate becomes six times slower', () => {
  const alert = 'TaillightTTFTAboveReference llm-d';

  test(
    'the alert on its P99 fires, and nothing else but that it is slower than the baseline',
    async () => {
      await stack.fault({ fleet: 'candidate', replica: 'all', fault: 'slow', factor: 6 });
      const firing = await firingOnce(alert);
      expect(firing.filter((one) => one !== 'TaillightCandidateSlower llm-d')).toEqual([alert]);
    },
    WAIT_MS + 10_000,
  );

  test('Alertmanager has received it, with numbers, a runbook and a dashboard', async () => {
    const { labels, annotations, receivers } = await received(alert);
    expect(labels).toMatchObject({ severity: 'warning', target: 'llm-d', cluster: 'local' });
    expect(annotations['summary']).toMatch(
      /^P99 TTFT of llm-d is well above its reference run \((later|all) turns\)\.$/,
    );
    expect(annotations['description']).toMatch(/ is\s+[\d.]+m?s \(n = \d+, at least [\d.]+m?s at 95 %\)/);
    expect(annotations['runbook_url']).toMatch(/\/runbooks\/TaillightTTFTAboveReference\.md$/);
    expect(annotations['dashboard_url']).toBe('/d/llm-performance?var-candidate=llm-d');
    expect(receivers).toEqual([{ name: 'page-of-alertmanager' }]);
  });

  test('the dashboard shows it', async () => {
    const queries = dashboardQueries().filter((query) => needOf(query) === 'a firing alert');
    expect(queries.length).toBeGreaterThan(0);
    await until('the queries for alerts have data', () => allAnswered(queries));
  });

  test(
    'it is resolved once the candidate is mended',
    async () => {
      await stack.fault({ fleet: 'candidate', replica: 'all', fault: 'clear' });
      await until('nothing fires any more', async () => (await stack.firing()).length === 0, WAIT_MS);
      await until('Alertmanager holds nothing any more', async () => (await stack.received()).length === 0);
      // The window still holds slow requests, and a verdict on them that may be on its way to an alert.
      const remembered = 'ALERTS or taillight_comparison_verdict{verdict="slower", metric="ttft"} == 1';
      await until(
        'nothing remembers the slow candidate',
        async () => (await stack.prometheus.instant(remembered)).length === 0,
        WAIT_MS,
      );
    },
    2 * WAIT_MS + 40_000,
  );
});

describe('when every replica of the candidate turns requests away', () => {
  const alert = 'TaillightLoadShed llm-d';

  test(
    'the alert on shed load fires and no other, and Alertmanager receives it',
    async () => {
      await stack.fault({ fleet: 'candidate', replica: 'all', fault: '429' });
      expect(await firingOnce(alert)).toEqual([alert]);
      const { annotations } = await received(alert);
      expect(annotations['description']).toMatch(/were refused with 429 or 503 .* http_429 \d+\./s);
    },
    WAIT_MS + 40_000,
  );
});
