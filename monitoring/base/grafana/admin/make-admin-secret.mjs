// Makes the Secret grafana-admin with a random password, unless it exists. It is never overwritten, read out or printed.
// No packages: it runs in a stock Node image, with the rights of admin/access.yaml.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const NAME = 'grafana-admin';
const TIMEOUT_MS = 10_000;

/** Where Kubernetes puts a pod's token, the authority of the API server, and the pod's namespace. */
const account = process.env.SERVICE_ACCOUNT_DIR ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;

const read = (name) => readFileSync(`${account}/${name}`, 'utf8').trim();

/** One request to the API server: its status, or an error when there is no answer. */
function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port,
        method,
        path,
        ca: readFileSync(`${account}/ca.crt`),
        headers: {
          authorization: `Bearer ${read('token')}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        timeout: TIMEOUT_MS,
      },
      (response) => {
        // The body of an existing Secret is not looked at.
        response.resume();
        response.on('end', () => resolve(response.statusCode));
        response.on('error', reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

function secret() {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: NAME, labels: { 'app.kubernetes.io/part-of': 'taillight' } },
    type: 'Opaque',
    // 192 random bits.
    stringData: { 'admin-user': 'admin', 'admin-password': randomBytes(24).toString('base64url') },
  };
}

/** What happened, in words. Throws with what is wrong. */
async function makeSecret() {
  if (!host || !port)
    throw new Error('KUBERNETES_SERVICE_HOST and _PORT are not set; this runs in a pod only');
  const path = `/api/v1/namespaces/${read('namespace')}/secrets`;
  const found = await ask('GET', `${path}/${NAME}`);
  if (found === 200) return `Secret ${NAME} exists and stays as it is`;
  if (found !== 404) throw new Error(`the API server answered ${found} to "get" of Secret ${NAME}`);
  const made = await ask('POST', path, secret());
  if (made === 201) return `Secret ${NAME} is made`;
  // Somebody was faster, and theirs stays.
  if (made === 409) return `Secret ${NAME} exists and stays as it is`;
  throw new Error(`the API server answered ${made} to "create" of Secret ${NAME}`);
}

try {
  process.stdout.write(`${await makeSecret()}\n`);
} catch (error) {
  // The Job starts it again, later and later.
  process.stderr.write(`grafana-admin: ${error.message}\n`);
  process.exitCode = 1;
}
