// Numbers out of what was seen, without any code of the exporter. Pure.
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** @returns Map: name of the series, with `_count` and the like -> [{ labels, value }] */
export function parsePage(text) {
  const page = new Map();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const entries = [...labels.matchAll(LABEL)].map(([, label, of]) => [label, of]);
    if (!page.has(name)) page.set(name, []);
    page.get(name).push({ labels: Object.fromEntries(entries), value: Number(value) });
  }
  return page;
}

/** Series of that name whose labels are as wanted. */
export const series = (page, name, wanted = {}) =>
  (page.get(name) ?? []).filter(({ labels }) =>
    Object.entries(wanted).every(([label, value]) => labels[label] === value),
  );

/** The sum over series, or null where there is none. */
export function total(page, name, wanted) {
  const found = series(page, name, wanted);
  return found.length === 0 ? null : sum(found.map(({ value }) => value));
}

export const sum = (values) => values.reduce((left, right) => left + right, 0);
export const mean = (values) => (values.length === 0 ? null : sum(values) / values.length);

/** What an engine counted between two of its pages. */
export function engineCounts(before, after) {
  const delta = (family) => total(after, family) - total(before, family);
  return {
    prompt: delta('vllm:prompt_tokens_total'),
    cached: delta('vllm:prompt_tokens_cached_total'),
    queries: delta('vllm:prefix_cache_queries_total'),
    hits: delta('vllm:prefix_cache_hits_total'),
    generation: delta('vllm:generation_tokens_total'),
    requests: delta('vllm:request_success_total'),
    ttft_mean:
      delta('vllm:time_to_first_token_seconds_sum') / delta('vllm:time_to_first_token_seconds_count'),
  };
}

/** The same from the records that the exporter wrote, warm-up included: all of it was traffic. */
export function recordCounts(records) {
  const of = (key) => sum(records.map((record) => record[key] ?? 0));
  return {
    requests: records.length,
    prompt: of('prompt_tokens'),
    cached: of('cached_tokens'),
    generation: of('completion_tokens'),
    ttft_mean: mean(records.flatMap(({ ttft_ms }) => (ttft_ms === null ? [] : [ttft_ms / 1000]))),
  };
}
