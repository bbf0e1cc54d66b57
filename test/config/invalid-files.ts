/** Every wrong file of test/fixtures/config/invalid, with its mistakes word for word (without the name of the file). */
export const INVALID: Record<string, string[]> = {
  'alias-bomb': [': uses more than 100 aliases; write the values out'],
  'alias-without-anchor': [': has an alias without its anchor; put values that begin with * in quotes'],
  'alias-cycle': [': nests deeper than 40 levels or holds values that JSON has not'],
  'authorization-twice': [
    ': targets[0].auth.headers.authorization: stands beside a bearer token; keep one of the two',
  ],
  'bad-booleans': [
    ': probe.enabled: "yes" is not true or false; write true or false',
    ': probe.keep_alive: 1 is not true or false; write true or false',
  ],
  'bad-name': [
    ': targets[0].name: "VLLM_1" is not a name; use up to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
  ],
  'bad-numbers': [
    ': probe.turns: 0 is not a whole number from 1 to 1000; use e.g. 10',
    ': probe.seed: 1.5 is not a whole number from 0 to 4294967295; use e.g. 1',
    ': probe.concurrency: "many" is not a whole number from 1 to 1024; use e.g. 4',
    ': probe.rate: -1 is not a rate above 0 and up to 1000 per second; write a number (per second), or like 3/m; leave it out for a closed loop',
    ': probe.conversations: Infinity is not a whole number from 1 to 100000; use e.g. 60',
  ],
  'bad-preset': [': probe.preset: "gentle" is not one of multi-turn, live; use one of these'],
  'bad-ranges': [
    ': probe.document_tokens: "6000..2000" is not a whole number from 1 to 1000000, or a range of it; write it like 6000 or 2000..6000, the lower end first',
    ': probe.think_time: "2s..0.5s" is not a duration from 0s to 1h, or a range of it; write it like 2s or 0.5s..2s, the lower end first',
  ],
  'bad-variable': [
    ': targets[0].url: holds "${" without the name of a variable; write ${NAME}, or $${ for the characters',
    ': targets[1].url: holds "${" without the name of a variable; write ${NAME}, or $${ for the characters',
  ],
  'broken-quote': [':7:1: a colon, a quote or a bracket is missing; mend the YAML there'],
  'ca-file-missing': [
    ': targets[0].tls.ca_file: "/etc/no/such/ca.crt" is not there; mend the path or make it',
  ],
  'ca-file-not-pem': [
    ': targets[0].tls.ca_file: "../token" holds no certificate; it must be PEM (-----BEGIN CERTIFICATE-----)',
    ': targets[0].tls.cert_file: "../../tls/client.key" holds no certificate; it must be PEM (-----BEGIN CERTIFICATE-----)',
    ': targets[0].tls.key_file: "../../tls/client.crt" holds no private key without a passphrase; it must be PEM',
  ],
  'cert-without-key': [': targets[0].tls.key_file: is missing; cert_file needs its key'],
  'custom-tag': [':6:9: a tag of an unknown type; remove it, or put values that begin with ! in quotes'],
  dns: [
    ': gpus[0].dns.host: "http://dcgm" is not a host name; write it like qwen-headless.demo-llm.svc, without scheme and port',
    ': gpus[0].dns.port: 0 is not a port number; use 1-65535',
    ': gpus[0].dns.path: "metrics" is not a path; write it like /metrics',
    ': gpus[0].dns.scheme: "tcp" is not one of http, https; use one of these',
  ],
  'documents-dir': [
    ': probe.documents: stands beside documents_dir; keep one of the two',
    ': probe.documents_dir: "../token" is not a folder; name the folder of the documents',
  ],
  'duplicate-key': [':7:1: the same key stands twice ("window"); keep one of them'],
  'duration-out-of-range': [
    ': window: "1s" is not a duration from 10s to 7d; write it with its unit, e.g. 15m',
  ],
  'duration-without-unit': [
    ': window: 900 is not a duration from 10s to 7d; write it with its unit, e.g. 15m',
    ': scrape.interval: 5 is not a duration from 100ms to 10m; write it with its unit, e.g. 5s',
  ],
  'empty-file': [': targets: is missing; write one entry per deployment, each with name and url'],
  'empty-targets': [': targets: is an empty list; write one entry per deployment, each with name and url'],
  'extra-body-own-keys': [
    ': probe.extra_body.model: is set by Taillight itself; use targets[].model',
    ': probe.extra_body.stream: is set by Taillight itself; remove it',
  ],
  headers: [
    ': targets[0].auth.headers["x api key"]: is not a header that can be set here; use a name like x-api-key (what frames the request is set by Taillight)',
    ': targets[0].auth.headers.host: is not a header that can be set here; use a name like x-api-key (what frames the request is set by Taillight)',
    ': targets[0].auth.headers.x-api-key: is not the value of a header; use one line of printable ASCII',
  ],
  'idle-timeout-above-timeout': [
    ': probe.idle_timeout: is longer than the timeout of 10 s; make it the shorter one',
  ],
  'interval-below-default-timeout': [
    ': scrape.interval: leaves a timeout of 4 s in an interval of 2 s; make the timeout the shorter one',
  ],
  'key-without-cert': [': targets[0].tls.cert_file: is missing; key_file needs its certificate'],
  kubernetes: [
    ': targets[0].replicas.kubernetes.namespace: "Demo_LLM" is not the name of a namespace; write it like demo-llm',
    ': targets[0].replicas.kubernetes.selector: "app in (;)" is not a label selector; write it as for `kubectl -l`, e.g. app=vllm',
    ': targets[0].replicas.kubernetes.port: "abc d" is not a port number or port name; use 1-65535 or the port\'s name',
    ': targets[0].replicas.kubernetes.api_server: "https://api/path" is not the http or https URL of a server, without a path; write it like https://host:6443',
  ],
  listen: [
    ': listen: "0.0.0.0:99999" is not an address to listen on; write it like 0.0.0.0:9108 or [::]:9108',
  ],
  'log-level': [
    ': log.level: "verbose" is not one of debug, info, warn, error; use one of these',
    ': log.format: "text" is not one of logfmt, json; use one of these',
  ],
  'min-effect': [
    ': comparison.min_effect: 5 is not a share from 0% to 100%; write it like 5% or 0.05',
    ': comparison.resamples: 10 is not a whole number from 100 to 100000; use e.g. 2000',
  ],
  'mistakes-in-order': [
    ': window: "soon" is not a duration from 10s to 7d; write it with its unit, e.g. 15m',
    ': scrape.interval: "never" is not a duration from 100ms to 10m; write it with its unit, e.g. 5s',
    ': targets: has one entry only; add the deployment to compare it with',
    ': targets[0].url: "ftp://vllm" is not the http or https URL of an API, without credentials, query and fragment; write it like http://host:8000/v1',
    ': targets[0].typo: is not a known key; known here are name, baseline, model, url, auth, tls, replicas, router, slo',
    ': log.level: "loud" is not one of debug, info, warn, error; use one of these',
  ],
  'no-baseline': [
    ': targets: has no baseline; set `baseline: true` for one, or leave it out: then it is the first',
  ],
  'no-discovery': [
    ': targets[0].replicas: does not say where the pages are; add one of static, dns, kubernetes',
  ],
  'no-targets': [': targets: is missing; write one entry per deployment, each with name and url'],
  'not-a-mapping': [
    ': is not a mapping; write its keys below it: listen, window, data_dir, lifecycle_token_file, targets, slo, gpus, probe',
  ],
  'one-target': [': targets: has one entry only; add the deployment to compare it with'],
  'same-name-twice': [': targets[1].name: is also the name of targets[0]; give each target its own'],
  'size-without-unit': [
    ': scrape.max_body: 67108864 is not a size from 1KiB to 1GiB; write it with its unit (B, KiB, MiB, GiB), e.g. 64MiB',
  ],
  'slo-incomplete': [
    ': targets[0].slo.objective: is missing; write it like 95% or 0.95',
    ': targets[1].slo.ttft: is missing; write it with its unit, e.g. 500ms',
  ],
  'slo-incomplete-at-the-top': [': slo.objective: is missing; write it like 95% or 0.95'],
  'slo-values': [
    ': slo.ttft: 500 is not a duration from 1ms to 10m; write it with its unit, e.g. 500ms',
    ': slo.objective: "100%" is not a share from 50% to 99.99%; write it like 5% or 0.05',
    ': targets[0].slo.ttft: "0s" is not a duration from 1ms to 10m; write it with its unit, e.g. 500ms',
    ': targets[1].slo.goal: is not a known key; known here are ttft, objective',
  ],
  'static-entries': [
    ': targets[0].replicas.static[0]: "10.0.0.1:8000" is not the http or https URL of a page, without credentials and fragment; write it like http://host:8000/metrics',
    ': targets[0].replicas.static[2].name: is also the name of static[1]; give each its own',
    ': targets[0].replicas.static[3].url: is missing; write it like http://host:8000/metrics',
  ],
  'tab-indent': [':2:1: Tabs are not allowed as indentation; indent with spaces'],
  'targets-not-a-list': [': targets: is not a list; write one entry per deployment, each with name and url'],
  'timeout-not-below-interval': [
    ': scrape.timeout: leaves a timeout of 5 s in an interval of 5 s; make the timeout the shorter one',
  ],
  'tls-on-http': [
    ': targets[0].tls: is of no use with a url of plain http; write https:// in the url, or remove tls',
  ],
  'tls-on-http-discovery': [
    ': gpus[0].tls: is of no use for pages read by plain http; write https, or remove tls',
  ],
  'token-file-empty': [
    ': targets[0].auth.bearer_token_file: "../empty-token" is empty; write the token into it',
  ],
  'token-file-missing': [
    ': targets[0].auth.bearer_token_file: "./no-such-token" is not there; mend the path or make it',
  ],
  'token-with-space': [
    ': targets[0].auth.bearer_token: is not a token; use one word of printable ASCII, or bearer_token_file',
  ],
  'two-baselines': [': targets[1].baseline: is set beside that of targets[0]; keep one baseline'],
  'two-discoveries': [': targets[0].replicas.dns: stands beside static; keep one of static, dns, kubernetes'],
  'two-documents': [':6:1: a second document begins; keep one document, without a further `---`'],
  'two-tokens': [': targets[0].auth.bearer_token: stands beside bearer_token_file; keep one of the two'],
  'unknown-key-far': [
    ': grafana: is not a known key; known here are listen, window, data_dir, lifecycle_token_file, targets, slo, gpus, probe, scrape, comparison, log',
  ],
  'unknown-key-near': [': prob: is not a known key; did you mean "probe"?'],
  'unknown-key-nested': [': targets[1].replica: is not a known key; did you mean "replicas"?'],
  'unset-variable': [
    ': targets[0].auth.bearer_token: the environment variable VLLM_TOKEN is not set; export it before the start',
  ],
  'url-empty': [': targets[0].url: is empty; write it like http://host:8000/v1'],
  'url-missing': [': targets[0].url: is missing; write it like http://host:8000/v1'],
  'url-with-password': [
    ': targets[0].url: "http://***@vllm:8000/v1" is not the http or https URL of an API, without credentials, query and fragment; write it like http://host:8000/v1',
  ],
  'url-without-scheme': [
    ': targets[0].url: "vllm:8000/v1" is not the http or https URL of an API, without credentials, query and fragment; write it like http://host:8000/v1',
  ],
  'variable-value-not-shown': [
    ': targets[0].name: "${SECRET_NAME}" is not a name; use up to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
  ],
};
