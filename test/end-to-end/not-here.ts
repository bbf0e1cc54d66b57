/** What need not have data while the shipped stack runs and all is well, and why. Everything else must have some. */

const NO_FAILURE = 'no request fails or is refused';
const NO_GAP = 'every page is read, and has everything on it';

/** By selector in an expression of a rule. */
export const SELECTORS_NOT_HERE: Record<string, string> = {
  'taillight_probe_requests_total{outcome!~"ok|http_429|http_503"}': NO_FAILURE,
  'taillight_probe_requests_total{outcome=~"http_429|http_503"}': NO_FAILURE,
  'taillight_scrape_missing{source="engine", family!~"cached_prompt_tokens_total|kv_capacity_tokens"}':
    NO_GAP,
  'taillight_scrape_missing{source="router", family=~"ready_endpoints|requests_total|requests_running|queue_size"}':
    NO_GAP,
  'taillight_scrape_success{source="engine", reason!~"|dns_error|connect_error|timeout|cut"}': NO_GAP,
};
