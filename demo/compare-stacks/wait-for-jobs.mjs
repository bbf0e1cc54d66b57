// Waits for Jobs of its own namespace: node wait-for-jobs.mjs [--ended] JOB …
//
// Ends with 0 once all are complete, and with 1 as soon as one has failed. --ended: with 0 once all have ended, however; and at
// once when ORDER is simultaneous. Asks the API server every few seconds, with the token of the pod.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5000;
const ACCESS = process.env.API_ACCESS ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, ORDER: order } = process.env;

const argv = process.argv.slice(2);
const anyEnd = argv.includes('--ended');
const jobs = argv.filter((word) => word !== '--ended');

const say = (line) => process.stdout.write(`${line}\n`);
const read = (name) => readFileSync(`${ACCESS}/${name}`, 'utf8').trim();

/** The status code and the JSON of a Job. The token is read each time, as it rotates. */
function ask(job) {
  const path = `/apis/batch/v1/namespaces/${read('namespace')}/jobs/${job}`;
  const headers = { authorization: `Bearer ${read('token')}`, accept: 'application/json' };
  const options = { host, port, path, headers, ca: read('ca.crt'), timeout: 10_000 };
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s'))).on('error', reject);
    asked.end();
  });
}

/** `complete`, `failed`, or in words why it is neither. */
async function stateOf(job) {
  try {
    const { status, text } = await ask(job);
    if (status === 404) return 'does not exist yet; apply compare-stacks/benchmark-job.yaml';
    if (status === 403) return 'may not be looked at; apply resources/rbac.yaml';
    if (status !== 200) return `is unknown, as the API server answers ${status}`;
    const conditions = JSON.parse(text).status?.conditions ?? [];
    const holds = (type) => conditions.some((one) => one.type === type && one.status === 'True');
    return holds('Complete') ? 'complete' : holds('Failed') ? 'failed' : 'has not ended yet';
  } catch (error) {
    return `is unknown (${error.code ?? error.message})`;
  }
}

/** Says each change once; true if the Job is complete, or has ended where that is enough. */
async function wait(job) {
  for (let said = ''; ; await sleep(PAUSE_MS)) {
    const state = await stateOf(job);
    if (state !== said) say(`${job}: ${state}`);
    said = state;
    if (state === 'complete') return true;
    if (state === 'failed') return anyEnd;
  }
}

if (anyEnd && order === 'simultaneous') say('ORDER is simultaneous: not waiting');
else {
  for (const job of jobs) {
    if (await wait(job)) continue;
    process.stderr.write(
      `${job} has failed: kubectl logs job/${job} -n ${read('namespace')} tells why. There is nothing to compare.\n`,
    );
    process.exit(1);
  }
}
